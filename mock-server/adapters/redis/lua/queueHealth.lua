--[[
  Counts workers and jobs of the queue.

  KEYS     BullMQ's waiting, delayed and active jobs; workers, with the time until which each counts as alive
  Answers  workers alive, jobs waiting, jobs running
]]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return {
  redis.call('ZCOUNT', KEYS[4], string.format('(%.0f', now), '+inf'),
  redis.call('LLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2]),
  redis.call('LLEN', KEYS[3]),
}
