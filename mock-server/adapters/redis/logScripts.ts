import { IS_FULL } from './isFullScript.js'

/**
 * The atomic steps of a log, in Lua. KEYS: meta, index, chunks, tickets, tombstone of one job (one hash
 * tag, so one node). Each answers a word first: `OK` and what was asked for, or why nothing was done.
 *
 * The clock is Redis's own, so that machines need not agree; the run id tells whether this is the Redis that
 * took the last commit, or one that was started since and may have lost the end of it.
 */
const PRELUDE = /* lua */ `${IS_FULL}
local meta, index, chunks, tickets, tombstone = unpack(KEYS)
local DAY_MS = 86400000

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function number(value)
  return string.format('%.0f', value)
end

local function runId()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
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

local function finish(state, error, ttlMs)
  local at = now()
  redis.call('HSET', meta, 'state', state, 'currentDomain', '', 'completedAtMs', number(at), 'error', error)
  if state == 'completed' then redis.call('HSET', meta, 'phase', 'done') end
  -- The index stays, so that a reader on its way is told of the cancel and not of a missing chunk.
  if state == 'cancelled' then redis.call('UNLINK', chunks) end
  expireAt(at + tonumber(ttlMs))
end
`

/** ARGV: job (JSON), epoch, checkpoint (JSON), ms to live, budget in bytes; then the domains. */
export const CREATE = /* lua */ `${PRELUDE}
if isFull(ARGV[5], 0) then return {'FULL'} end
redis.call('UNLINK', meta, index, chunks, tickets)
redis.call('HSET', meta, 'job', ARGV[1], 'state', 'queued', 'phase', 'queued', 'epoch', ARGV[2],
  'runId', runId(), 'attempt', 0, 'head', 1, 'checkpoint', ARGV[3], 'currentDomain', '', 'cidsDone', 0,
  'textBytes', 0, 'error', '', 'cancelRequested', 0, 'hasAggregation', 0)
for i = 6, #ARGV do
  redis.call('HSET', meta, 'state:' .. ARGV[i], 'waiting', 'rows:' .. ARGV[i], 0, 'code:' .. ARGV[i], '')
end
expireAt(now() + tonumber(ARGV[4]))
return {'OK'}
`

/** ARGV: epoch to begin if there must be a new one, ms to live, channel, job id. Gives the meta. */
export const OPEN = /* lua */ `${PRELUDE}
local state, cancel, run = unpack(redis.call('HMGET', meta, 'state', 'cancelRequested', 'runId'))
if not state then return {'NOT_FOUND'} end
if isOver(state) or cancel == '1' then return {'ENDED'} end
local here = runId()
if run ~= here then redis.call('HSET', meta, 'epoch', ARGV[1], 'runId', here) end
redis.call('HINCRBY', meta, 'attempt', 1)
redis.call('HSET', meta, 'state', 'running', 'phase', 'fetching')
redis.call('HSETNX', meta, 'startedAtMs', number(now()))
expireAt(now() + tonumber(ARGV[2]))
redis.call('PUBLISH', ARGV[3], ARGV[4])
return {'OK', redis.call('HGETALL', meta)}
`

/** What both ways of a writer to change a log begin with; \`lease\` is ARGV[1]. */
const CHECK_LEASE = /* lua */ `
local state, attempt, head, run = unpack(redis.call('HMGET', meta, 'state', 'attempt', 'head', 'runId'))
if not state then return {'NOT_FOUND'} end
if ARGV[1] ~= '' then
  if state ~= 'running' or attempt ~= ARGV[1] then return {'STALE'} end
  if run ~= runId() then return {'RESTARTED'} end
end
`

/**
 * ARGV: lease, first seq, number of entries, number of chunks, checkpoint (JSON), phase, current domain, CIDs
 * done, bytes of text, bytes to store, ms to live, budget, channel, job id, changes of domains (JSON,
 * `DomainChange`); then the entries (JSON), then seq and bytes of each chunk.
 */
export const COMMIT = /* lua */ `${PRELUDE}${CHECK_LEASE}
local count, chunkCount = tonumber(ARGV[3]), tonumber(ARGV[4])
if count > 0 and tonumber(ARGV[2]) ~= head + 1 then return {'GAP', head + 1} end
if chunkCount > 0 and isFull(ARGV[12], tonumber(ARGV[10])) then return {'FULL'} end
local at = 15
for i = 1, count do redis.call('RPUSH', index, ARGV[at + i]) end
at = at + count
for i = 1, chunkCount do redis.call('HSET', chunks, ARGV[at + 2 * i - 1], ARGV[at + 2 * i]) end
for _, change in ipairs(cjson.decode(ARGV[15])) do
  if change.isReset then redis.call('HSET', meta, 'rows:' .. change.name, 0) end
  redis.call('HINCRBY', meta, 'rows:' .. change.name, number(change.rows))
  redis.call('HSET', meta, 'state:' .. change.name, change.state, 'code:' .. change.name, change.code)
end
redis.call('HSET', meta, 'head', number(head + count), 'checkpoint', ARGV[5], 'phase', ARGV[6],
  'currentDomain', ARGV[7], 'cidsDone', ARGV[8])
redis.call('HINCRBY', meta, 'textBytes', ARGV[9])
expireAt(now() + tonumber(ARGV[11]))
redis.call('PUBLISH', ARGV[13], ARGV[14])
return {'OK'}
`

/** ARGV: lease or '', state, error (JSON or ''), ms to live, budget, channel, job id, aggregation or ''. */
export const FINISH = /* lua */ `${PRELUDE}${CHECK_LEASE}
if isOver(state) then return {'OK'} end
if ARGV[8] ~= '' then
  if isFull(ARGV[5], #ARGV[8]) then return {'FULL'} end
  redis.call('HSET', chunks, 'aggregation', ARGV[8])
  redis.call('HSET', meta, 'hasAggregation', 1)
end
finish(ARGV[2], ARGV[3], ARGV[4])
redis.call('PUBLISH', ARGV[6], ARGV[7])
return {'OK'}
`

/** Marks the job; ARGV: error (JSON) of a job cancelled before it began, ms to live, channel, job id. */
const CANCEL = /* lua */ `
local function cancel(state)
  redis.call('HSET', meta, 'cancelRequested', 1)
  if state == 'queued' then finish('cancelled', ARGV[1], ARGV[2]) end
  redis.call('PUBLISH', ARGV[3], ARGV[4])
end
`

/** ARGV: ticket. Gives 1 if the job can be joined. */
export const JOIN = /* lua */ `${PRELUDE}
local state, cancelled, deadline = unpack(redis.call('HMGET', meta, 'state', 'cancelRequested', 'expiresAtMs'))
if not state then return {'NOT_FOUND'} end
if cancelled == '1' or state == 'failed' or state == 'cancelled' then return {'OK', 0} end
redis.call('SADD', tickets, ARGV[1])
redis.call('PEXPIREAT', tickets, deadline)
return {'OK', 1}
`

/** ARGV: as `CANCEL`; then the ticket, or '' for the only one there is. */
export const LEAVE = /* lua */ `${PRELUDE}${CANCEL}
local state = redis.call('HGET', meta, 'state')
if not state then return {'NOT_FOUND'} end
if isOver(state) then return {'OK', 'ended'} end
local wasLast
if ARGV[5] == '' then
  wasLast = redis.call('SCARD', tickets) <= 1
else
  wasLast = redis.call('SREM', tickets, ARGV[5]) == 1 and redis.call('SCARD', tickets) == 0
end
if wasLast then cancel(state) end
return {'OK', redis.call('HGET', meta, 'cancelRequested') == '1' and 'cancelled' or 'wanted'}
`

/** ARGV: ticket, ms to live, channel, job id. Gives 1 if there is something to go on with. */
export const REOPEN = /* lua */ `${PRELUDE}
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
redis.call('SADD', tickets, ARGV[1])
expireAt(now() + tonumber(ARGV[2]))
redis.call('PUBLISH', ARGV[3], ARGV[4])
return {'OK', 1}
`

/** ARGV: seq to read after, most entries. Gives how many there must be, and those there are. */
export const ENTRIES = /* lua */ `${PRELUDE}
local head = redis.call('HGET', meta, 'head')
if not head then return {redis.call('EXISTS', tombstone) == 1 and 'EXPIRED' or 'NOT_FOUND'} end
local from = math.max(0, ARGV[1] - 1)
local due = math.max(0, math.min(ARGV[2], head - 1 - from))
return {'OK', due, redis.call('LRANGE', index, number(from), number(from + ARGV[2] - 1))}
`
