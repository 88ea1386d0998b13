--[[
  Makes a job the answer to a question, unless another job is.

  KEYS     the question
  ARGV[1]  JSON: jobId, instead (a job it may replace; left out for none), ttlMs
  Answers  the job that is the answer now
]]
local args = cjson.decode(ARGV[1])
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= args.instead then return holder end
redis.call('SET', KEYS[1], args.jobId, 'PX', string.format('%.0f', args.ttlMs))
return args.jobId
