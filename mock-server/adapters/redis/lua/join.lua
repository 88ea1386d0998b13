--[[
  Adds a caller to a job.

  KEYS     as job.lua
  ARGV[1]  JSON: ticket
  Answers  OK, 1 if the job can be joined, else 0 | NOT_FOUND
]]
--- @include job
local state, cancelled, deadline = unpack(redis.call('HMGET', meta, 'state', 'cancelRequested', 'expiresAtMs'))
if not state then return {'NOT_FOUND'} end
local refusal = refuseFormat()
if refusal then return refusal end
if cancelled == '1' or state == 'failed' or state == 'cancelled' then return {'OK', 0} end
redis.call('SADD', tickets, args.ticket)
redis.call('PEXPIREAT', tickets, deadline)
return {'OK', 1}
