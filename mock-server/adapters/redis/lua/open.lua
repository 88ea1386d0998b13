--[[
  Begins an attempt at a job: older leases count no more.

  KEYS     as job.lua
  ARGV[1]  JSON: epoch (to begin if acknowledged lines may be lost), checkpoint (of a domain at its beginning, JSON text),
           stages (of a job that has only one, JSON text), ttlMs
  Answers  OK, the meta (field, value, …) | NOT_FOUND | ENDED
]]
--- @include job
--- @include bringUp
local state, cancel, run = unpack(redis.call('HMGET', meta, 'state', 'cancelRequested', 'runId'))
if not state then return {'NOT_FOUND'} end
local refusal = refuseFormat()
if refusal then return refusal end
if isOver(state) or cancel == '1' then return {'ENDED'} end
bringUp()
local here = runId()
if run ~= here then redis.call('HSET', meta, 'epoch', args.epoch, 'runId', here) end
redis.call('HINCRBY', meta, 'attempt', 1)

-- As `phaseWhenOpened` of `ports/jobStates.ts`.
local job, stages, total = unpack(redis.call('HMGET', meta, 'job', 'stages', 'seedsTotal'))
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
