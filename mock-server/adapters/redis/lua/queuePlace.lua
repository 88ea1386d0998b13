--[[
  Finds a job in the queue.

  KEYS     BullMQ's waiting jobs (the next is the last of them), the job
  ARGV[1]  JSON: jobId
  Answers  how many jobs are before it, `taken`, or nil when the queue has no such job
]]
local at = redis.call('LPOS', KEYS[1], cjson.decode(ARGV[1]).jobId, 'RANK', -1)
if at then return redis.call('LLEN', KEYS[1]) - 1 - at end
return redis.call('EXISTS', KEYS[2]) == 1 and 'taken'
