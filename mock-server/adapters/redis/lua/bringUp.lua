--[[
  Part of open.lua: makes a job of the first format one of the present format. Its checkpoint counted batches of ids,
  whose size is not known any more; so a domain that is not done is taken back, and begins anew.
]]
-- The seq of the entry that began the domain last.
local function seqOfStart(domain, head)
  for at = head - 2, 0, -1 do
    local entry = cjson.decode(redis.call('LINDEX', index, number(at)))
    if entry.type == 'domain_start' and entry.domain == domain then return entry.seq end
  end
  return head + 1
end

local function takeBack(domain, head)
  local fromSeq = seqOfStart(domain, head)
  redis.call('RPUSH', index, '{"seq":' .. number(head + 1) .. ',"domain":' .. cjson.encode(domain) ..
    ',"type":"domain_failed","code":"WORKER_LOST","fromSeq":' .. number(fromSeq) .. '}')
  redis.call('HSET', meta, 'head', number(head + 1), 'state:' .. domain, 'waiting', 'rows:' .. domain, 0)
end

local function bringUp()
  local format, text, head = unpack(redis.call('HMGET', meta, 'format', 'job', 'head'))
  if format then return end
  local job = cjson.decode(text)
  head = tonumber(head)
  for _, domain in ipairs(job.domains) do
    local state = redis.call('HGET', meta, 'state:' .. domain)
    local checkpoint = args.checkpoint
    if state == 'done' then
      checkpoint = '{"idsDone":' .. number(job.cidCount) .. ',"placesDone":[]}'
    elseif state == 'running' then
      takeBack(domain, head)
      head = head + 1
    end
    redis.call('HSET', meta, 'checkpoint:' .. domain, checkpoint)
  end
  -- Not encoded anew: an empty list would become an object.
  redis.call('HSET', meta, 'format', args.format, 'stages', args.stages, 'job', '{"kind":"events",' .. string.sub(text, 2))
  redis.call('HDEL', meta, 'checkpoint')
end
