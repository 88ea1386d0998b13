--[[
  Appends entries and chunks of lists to a job's log and moves its checkpoints, all of it or nothing.

  KEYS     as job.lua
  ARGV[1]  JSON: lease, firstSeq (0 without entries), entries (JSON texts), domains (changes, as domainChanges.ts makes
           them), fields (of the meta, name and value by turns), lists (name of the list of each chunk), textBytes,
           storedBytes, ttlMs, budgetBytes
  ARGV[2…] seq and bytes of each chunk of rows, by turns; then the bytes of each chunk of a list
  Answers  OK | NOT_FOUND | STALE | RESTARTED | GAP, the seq that was to come | FULL
]]
--- @include isFull
--- @include job
local state, attempt, head, run = unpack(redis.call('HMGET', meta, 'state', 'attempt', 'head', 'runId'))
local refusal = refuseLease(state, attempt, run)
if refusal then return refusal end
if #args.entries > 0 and args.firstSeq ~= head + 1 then return {'GAP', head + 1} end
if #ARGV > 1 and isFull(args.budgetBytes, args.storedBytes) then return {'FULL'} end

for _, entry in ipairs(args.entries) do redis.call('RPUSH', index, entry) end
local firstOfLists = #ARGV - #args.lists + 1
for at = 2, firstOfLists - 1, 2 do redis.call('HSET', chunks, ARGV[at], ARGV[at + 1]) end
for i, list in ipairs(args.lists) do
  local count = redis.call('HINCRBY', meta, 'list:' .. list, 1)
  redis.call('HSET', chunks, 'list:' .. list .. ':' .. number(count - 1), ARGV[firstOfLists + i - 1])
end
for _, domain in ipairs(args.domains) do
  if domain.isReset then redis.call('HSET', meta, 'rows:' .. domain.name, 0) end
  redis.call('HINCRBY', meta, 'rows:' .. domain.name, number(domain.rows))
  if domain.state then
    redis.call('HSET', meta, 'state:' .. domain.name, domain.state, 'code:' .. domain.name, domain.code)
  end
end
redis.call('HSET', meta, 'head', number(head + #args.entries), unpack(args.fields))
redis.call('HINCRBY', meta, 'textBytes', number(args.textBytes))
expireAt(now() + args.ttlMs)
tellChange()
return {'OK'}
