--[[
  Counts workers and jobs of some queues.

  KEYS     workers, with the time until which each counts as alive; BullMQ's waiting, delayed and active jobs of each
           queue
  Answers  workers alive, jobs waiting, jobs running
]]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local workers = redis.call('ZCOUNT', KEYS[1], string.format('(%.0f', now), '+inf')
local waiting, running = 0, 0
for at = 2, #KEYS, 3 do
  waiting = waiting + redis.call('LLEN', KEYS[at]) + redis.call('ZCARD', KEYS[at + 1])
  running = running + redis.call('LLEN', KEYS[at + 2])
end
return {workers, waiting, running}
