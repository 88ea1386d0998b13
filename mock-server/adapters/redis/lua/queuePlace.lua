--[[
  Finds a job in some queues.

  KEYS     of each queue BullMQ's waiting jobs (the next is the last of them), the job
  ARGV[1]  JSON: jobId
  Answers  how many jobs are before it, `taken`, or nil when the queue has no such job
]]
local jobId = cjson.decode(ARGV[1]).jobId
for of = 1, #KEYS, 2 do
  local at = redis.call('LPOS', KEYS[of], jobId, 'RANK', -1)
  if at then return redis.call('LLEN', KEYS[of]) - 1 - at end
  if redis.call('EXISTS', KEYS[of + 1]) == 1 then return 'taken' end
end
