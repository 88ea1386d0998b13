--[[
  Reads entries of a job's log.

  KEYS     as job.lua
  ARGV[1]  JSON: afterSeq, limit
  Answers  OK, how many there must be, and those there are | NOT_FOUND | EXPIRED
]]
--- @include job
local head = redis.call('HGET', meta, 'head')
if not head then return {redis.call('EXISTS', tombstone) == 1 and 'EXPIRED' or 'NOT_FOUND'} end
local refusal = refuseFormat()
if refusal then return refusal end
local from = math.max(0, args.afterSeq - 1)
local due = math.max(0, math.min(args.limit, head - 1 - from))
return {'OK', due, redis.call('LRANGE', index, number(from), number(from + args.limit - 1))}
