--[[
  Part of other scripts: whether `bytes` more are too many for `budget` (0: none), or for Redis's own limit, of which
  some is left to others. It is judged in the script that stores them, on the node that stores them, so that no number
  of writers at once can go beyond it.
]]
-- The bytes to come are in memory already, as arguments; counting them once more leaves room for other writers.
local function isFull(budget, bytes)
  local info = redis.call('INFO', 'memory')
  local used = tonumber(string.match(info, 'used_memory:(%d+)'))
  local most = tonumber(string.match(info, 'maxmemory:(%d+)')) * 0.95
  if budget > 0 and (most == 0 or budget < most) then most = budget end
  return most > 0 and used + bytes > most
end
