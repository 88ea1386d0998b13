--[[
  Queues an ended job again, for one caller: a failed one from its checkpoints on, a completed one with its failed
  domains, each from its beginning on.

  KEYS     as job.lua
  ARGV[1]  JSON: ticket, checkpoint (of a domain at its beginning, JSON text), ttlMs
  Answers  OK, 1 if there is something to go on with, else 0 | NOT_FOUND
]]
--- @include job
local state, job = unpack(redis.call('HMGET', meta, 'state', 'job'))
if not state then return {'NOT_FOUND'} end
local refusal = refuseFormat()
if refusal then return refusal end
if state == 'completed' then
  local isPartial = false
  for _, domain in ipairs(cjson.decode(job).domains) do
    if redis.call('HGET', meta, 'state:' .. domain) == 'failed' then
      isPartial = true
      redis.call('HSET', meta, 'state:' .. domain, 'waiting', 'rows:' .. domain, 0, 'code:' .. domain, '',
        'checkpoint:' .. domain, args.checkpoint)
    end
  end
  if not isPartial then return {'OK', 0} end
elseif state ~= 'failed' then
  return {'OK', 0}
end
redis.call('HSET', meta, 'state', 'queued', 'phase', 'queued', 'error', '', 'cancelRequested', 0,
  'hasAggregation', 0)
redis.call('HDEL', meta, 'completedAtMs')
redis.call('HDEL', chunks, 'aggregation')
redis.call('UNLINK', tickets)
redis.call('SADD', tickets, args.ticket)
expireAt(now() + args.ttlMs)
tellChange()
return {'OK', 1}
