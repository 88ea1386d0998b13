--[[
  Says that a worker is alive, and forgets those that are not.

  KEYS     workers, with the time until which each counts as alive
  ARGV[1]  JSON: aliveMs, places (a name for each job the worker can have)
  Answers  1
]]
local args = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
for _, place in ipairs(args.places) do
  redis.call('ZADD', KEYS[1], string.format('%.0f', now + args.aliveMs), place)
end
return 1
