--[[
  Begins an attempt at a job: older leases count no more.

  KEYS     as job.lua
  ARGV[1]  JSON: epoch (to begin if acknowledged lines may be lost), ttlMs
  Answers  OK, the meta (field, value, …) | NOT_FOUND | ENDED
]]
--- @include job
local state, cancel, run, job, stages, total =
  unpack(redis.call('HMGET', meta, 'state', 'cancelRequested', 'runId', 'job', 'stages', 'seedsTotal'))
if not state then return {'NOT_FOUND'} end
if isOver(state) or cancel == '1' then return {'ENDED'} end
local here = runId()
if run ~= here then redis.call('HSET', meta, 'epoch', args.epoch, 'runId', here) end
redis.call('HINCRBY', meta, 'attempt', 1)

-- As `phaseWhenOpened` of `ports/jobStates.ts`.
local phase = 'fetching'
if cjson.decode(job).kind == 'run' then
  local done = cjson.decode(stages)
  if not done.areSeedsDone then
    phase = 'seeds'
  elseif not total or done.seedsTraced < tonumber(total) then
    phase = 'lineage'
  end
end
redis.call('HSET', meta, 'state', 'running', 'phase', phase)
redis.call('HSETNX', meta, 'startedAtMs', number(now()))
expireAt(now() + args.ttlMs)
tellChange()
return {'OK', redis.call('HGETALL', meta)}
