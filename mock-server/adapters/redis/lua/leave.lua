--[[
  Takes a caller's ticket back. The last one to leave cancels the job: at once if it is queued, else its writer does.

  KEYS     as job.lua
  ARGV[1]  JSON: ticket (left out: that of the one caller there is), error (JSON text, of a job cancelled before it
           began), ttlMs
  Answers  OK and `wanted`, `cancelled` or `ended` | NOT_FOUND
]]
--- @include job
local state = redis.call('HGET', meta, 'state')
if not state then return {'NOT_FOUND'} end
local refusal = refuseFormat()
if refusal then return refusal end
if isOver(state) then return {'OK', 'ended'} end
local wasLast
if args.ticket then
  wasLast = redis.call('SREM', tickets, args.ticket) == 1 and redis.call('SCARD', tickets) == 0
else
  wasLast = redis.call('SCARD', tickets) <= 1
end
if wasLast then
  redis.call('HSET', meta, 'cancelRequested', 1)
  if state == 'queued' then finish('cancelled', args.error, args.ttlMs) end
  tellChange()
end
return {'OK', redis.call('HGET', meta, 'cancelRequested') == '1' and 'cancelled' or 'wanted'}
