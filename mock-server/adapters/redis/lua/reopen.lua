--[[
  Queues an ended job again, for one caller: a failed one from its checkpoint on, a completed one from its first failed
  domain on.

  KEYS     as job.lua
  ARGV[1]  JSON: ticket, ttlMs
  Answers  OK, 1 if there is something to go on with, else 0 | NOT_FOUND
]]
--- @include job
local state, job = unpack(redis.call('HMGET', meta, 'state', 'job'))
if not state then return {'NOT_FOUND'} end
if state == 'completed' then
  local first = nil
  for i, domain in ipairs(cjson.decode(job).domains) do
    if redis.call('HGET', meta, 'state:' .. domain) == 'failed' then
      first = first or i - 1
      redis.call('HSET', meta, 'state:' .. domain, 'waiting', 'rows:' .. domain, 0, 'code:' .. domain, '')
    end
  end
  if not first then return {'OK', 0} end
  local checkpoint = '{"domainIndex":' .. number(first) .. ',"idBatchesDone":0,"rowsDone":0}'
  redis.call('HSET', meta, 'checkpoint', checkpoint)
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
