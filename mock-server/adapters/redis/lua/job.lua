--[[
  Part of every script that changes or reads one job's log.

  KEYS     meta, index, chunks, tickets, tombstone: of one job, with one hash tag, so on one node
  ARGV[1]  JSON: what the script says, and jobId, channel (where changes are told), format (that is known here)
  Answers  a word first: OK and what was asked for, or why nothing was done; of each script also FORMAT and its name,
           when the job is of a format that is not known here

  The clock is Redis's own, so that machines need not agree. The run id tells whether this is the Redis that took the
  last commit, or one that was started since and may have lost the end of it.
]]
local meta, index, chunks, tickets, tombstone = unpack(KEYS)
local args = cjson.decode(ARGV[1])
local DAY_MS = 86400000

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Lua would write large numbers as 1.7e+12.
local function number(value)
  return string.format('%.0f', value)
end

local function runId()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end

local function tellChange()
  redis.call('PUBLISH', args.channel, args.jobId)
end

-- One deadline for everything of the job; the meta first, so that no reader sees a job without its rows.
local function expireAt(deadline)
  redis.call('HSET', meta, 'expiresAtMs', number(deadline))
  redis.call('PEXPIREAT', meta, number(deadline))
  redis.call('PEXPIREAT', index, number(deadline))
  redis.call('PEXPIREAT', chunks, number(deadline))
  redis.call('PEXPIREAT', tickets, number(deadline))
  redis.call('SET', tombstone, '', 'PXAT', number(deadline + DAY_MS))
end

local function isOver(state)
  return state == 'completed' or state == 'failed' or state == 'cancelled'
end

-- Ends the job. `error` is JSON, or empty.
local function finish(state, error, ttlMs)
  local at = now()
  redis.call('HSET', meta, 'state', state, 'currentDomain', '', 'completedAtMs', number(at), 'error', error)
  if state == 'completed' then redis.call('HSET', meta, 'phase', 'done') end
  -- The index stays, so that a reader on its way is told of the cancel and not of a missing chunk.
  if state == 'cancelled' then redis.call('UNLINK', chunks) end
  expireAt(at + ttlMs)
end

-- Why this job must be left to others, as the script's answer; nil when it need not. The first format has no name.
local function refuseFormat()
  local format = redis.call('HGET', meta, 'format')
  if format and format ~= args.format then return {'FORMAT', format} end
end

-- Why a writer with `args.lease` may not write, as the script's answer; nil when it may. Without a lease it is the queue.
local function refuseLease(state, attempt, run)
  if not state then return {'NOT_FOUND'} end
  local refusal = refuseFormat()
  if refusal then return refusal end
  if not args.lease then return nil end
  if state ~= 'running' or tonumber(attempt) ~= args.lease then return {'STALE'} end
  if run ~= runId() then return {'RESTARTED'} end
end
