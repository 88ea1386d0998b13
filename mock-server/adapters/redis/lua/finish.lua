--[[
  Ends a job. One that has ended already stays as it is when the queue asks, which has no lease.

  KEYS     as job.lua
  ARGV[1]  JSON: lease (left out by the queue), state, error (JSON text, empty for none), ttlMs, budgetBytes
  ARGV[2]  the packed aggregation, if there is one
  Answers  OK | NOT_FOUND | STALE | RESTARTED | FULL
]]
--- @include isFull
--- @include job
local state, attempt, run = unpack(redis.call('HMGET', meta, 'state', 'attempt', 'runId'))
local refusal = refuseLease(state, attempt, run)
if refusal then return refusal end
if isOver(state) then return {'OK'} end
local aggregation = ARGV[2]
if aggregation then
  if isFull(args.budgetBytes, #aggregation) then return {'FULL'} end
  redis.call('HSET', chunks, 'aggregation', aggregation)
  redis.call('HSET', meta, 'hasAggregation', 1)
end
finish(args.state, args.error, args.ttlMs)
tellChange()
return {'OK'}
