--[[
  Makes a queued job with an empty log.

  KEYS     as job.lua
  ARGV[1]  JSON: job (JSON text), domains (names), epoch, checkpoint (of each, JSON text), stages (JSON text), ttlMs,
           budgetBytes
  Answers  OK | FULL
]]
--- @include isFull
--- @include job
if isFull(args.budgetBytes, 0) then return {'FULL'} end
redis.call('UNLINK', meta, index, chunks, tickets)
redis.call('HSET', meta, 'format', args.format, 'job', args.job, 'state', 'queued', 'phase', 'queued', 'epoch', args.epoch,
  'runId', runId(), 'attempt', 0, 'head', 1, 'stages', args.stages, 'currentDomain', '', 'cidsDone', 0,
  'textBytes', 0, 'error', '', 'cancelRequested', 0, 'hasAggregation', 0)
for _, domain in ipairs(args.domains) do
  redis.call('HSET', meta, 'state:' .. domain, 'waiting', 'rows:' .. domain, 0, 'code:' .. domain, '',
    'checkpoint:' .. domain, args.checkpoint)
end
expireAt(now() + args.ttlMs)
return {'OK'}
