--[[
  Counts a request of one client in its window.

  KEYS     the window
  ARGV[1]  JSON: windowMs
  Answers  requests in the window, ms until it is over
]]
local windowMs = cjson.decode(ARGV[1]).windowMs
local left = redis.call('PTTL', KEYS[1])
if left <= 0 then
  redis.call('SET', KEYS[1], 1, 'PX', string.format('%.0f', windowMs))
  return {1, windowMs}
end
return {redis.call('INCR', KEYS[1]), left}
