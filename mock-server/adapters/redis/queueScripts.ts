/** KEYS: waiting, delayed, active, workers. Gives workers heard of lately, jobs waiting, jobs running. */
export const HEALTH = /* lua */ `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return {
  redis.call('ZCOUNT', KEYS[4], string.format('(%.0f', now), '+inf'),
  redis.call('LLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2]),
  redis.call('LLEN', KEYS[3]),
}
`

/** KEYS: waiting (the next job is its last), the job. ARGV: job id. Gives how many are before it, `taken`, or nil. */
export const PLACE = /* lua */ `
local at = redis.call('LPOS', KEYS[1], ARGV[1], 'RANK', -1)
if at then return redis.call('LLEN', KEYS[1]) - 1 - at end
return redis.call('EXISTS', KEYS[2]) == 1 and 'taken'
`

/** KEYS: workers. ARGV: ms a worker counts as alive after this, then the names of this one's places. */
export const BEAT = /* lua */ `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[1]), ARGV[i]) end
return 1
`
