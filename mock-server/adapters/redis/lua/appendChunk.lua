--[[
  Adds a chunk to a list of the BatchStore that is being written.

  KEYS     the unfinished list
  ARGV[1]  JSON: number (of the chunk), budgetBytes, ttlMs
  ARGV[2]  the packed chunk
  Answers  1, or 0 when there is no room
]]
--- @include isFull
local args = cjson.decode(ARGV[1])
if isFull(args.budgetBytes, #ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], string.format('%.0f', args.number), ARGV[2])
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', args.ttlMs))
return 1
