/**
 * What the store does in one step, in Lua. A log takes two keys: a hash with its life, where it ends, and what is kept in
 * the stead of entries up to its cut; and a stream, in which the entry at position n has the id n-0. A sorted set has the
 * logs with a name by their last use, in milliseconds.
 *
 * KEYS of each: the hash, the stream, the claim, the sorted set, and hash and stream of the notes. ARGV of each, first: the
 * name of the log, the name of this replica, the expiry in milliseconds, how many logs there may be, a new life, what keys
 * begin with.
 */

const SHARED = `
local head, stream, claim, names, noted, notes = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local name, me, expiry, most, newLife, prefix = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]

local isNamed = name ~= '' and name:sub(1, 1) ~= '/'

local function place()
  local found = redis.call('HMGET', head, 'life', 'position')
  return found[1] or '', tonumber(found[2] or '0')
end

local function giveBack()
  if redis.call('GET', claim) == me then redis.call('DEL', claim) end
end

-- It is there from now on, and the most recently used one.
local function use()
  local fresh = redis.call('HSETNX', head, 'life', newLife)
  if fresh == 1 then redis.call('DEL', stream) end
  redis.call('PEXPIRE', head, expiry)
  redis.call('PEXPIRE', stream, expiry)
  redis.call('PEXPIRE', prefix .. 'mock', expiry)
  if not isNamed then return end
  local time = redis.call('TIME')
  redis.call('ZADD', names, time[1] * 1000 + math.floor(time[2] / 1000), name)
  redis.call('PEXPIRE', names, expiry)
  redis.call('ZREMRANGEBYSCORE', names, '-inf', time[1] * 1000 - expiry)
  local over = redis.call('ZCARD', names) - most
  if over <= 0 then return end
  for _, oldest in ipairs(redis.call('ZRANGE', names, 0, over - 1)) do
    for _, kind in ipairs({ 'log:', 'entries:', 'noted:', 'notes:' }) do redis.call('DEL', prefix .. kind .. oldest) end
    redis.call('ZREM', names, oldest)
  end
end

-- The same, beside those who agreed on the same. Returns why it cannot be. A store that is full can still be read; one that
-- follows another server may be behind it.
local function useWith(agreed)
  local theirs = redis.call('GET', prefix .. 'mock')
  if theirs and agreed ~= '' and theirs ~= agreed then return redis.error_reply('OTHERS agreed on something else') end
  local known = place()
  local isUsed, problem = pcall(function()
    if not theirs and agreed ~= '' then redis.call('SET', prefix .. 'mock', agreed, 'PX', expiry) end
    use()
  end)
  if isUsed then return end
  if type(problem) == 'string' then problem = redis.error_reply(problem) end
  if known == '' and name ~= '' or problem.err:find('READONLY') then return problem end
end

-- Life, where the log ends, whether the reader begins anew, the snapshot, and the entries.
local function tail(knownLife, known)
  local life, position = place()
  local anew = knownLife ~= life or known > position
  local from = anew and 0 or known
  local cut = tonumber(redis.call('HGET', head, 'cut') or '0')
  local snapshot = false
  if from < cut then
    anew, from, snapshot = true, cut, redis.call('HGET', head, 'snapshot')
  end
  local entries = {}
  if from < position then
    for i, entry in ipairs(redis.call('XRANGE', stream, (from + 1) .. '-0', '+')) do entries[i] = entry[2][2] end
    if #entries ~= position - from then return redis.error_reply('BROKEN entries of the log are missing') end
  end
  return { life, position, anew and 1 or 0, snapshot, entries }
end
`

export const SCRIPTS = {
  /** ARGV: life, position, 1 if the log is used, what its users agreed on. */
  read: `${SHARED}
local problem = ARGV[9] == '1' and useWith(ARGV[10])
return problem or tail(ARGV[7], tonumber(ARGV[8]))`,

  /** ARGV: what its users agreed on. */
  ready: `${SHARED}
return useWith(ARGV[7]) or 1`,

  /** ARGV: what its users would have agreed on. */
  disagree: `${SHARED}
if redis.call('GET', prefix .. 'mock') == ARGV[7] and place() == '' and redis.call('ZCARD', KEYS[4]) == 0 then
  redis.call('DEL', prefix .. 'mock')
end`,

  /** ARGV: life, position, for how many milliseconds. */
  claim: `${SHARED}
if not redis.call('SET', claim, me, 'NX', 'PX', ARGV[9]) then
  if redis.call('GET', claim) ~= me then return false end
  redis.call('PEXPIRE', claim, ARGV[9])
end
return tail(ARGV[7], tonumber(ARGV[8]))`,

  /** ARGV: life, or * for any, position, entries. */
  append: `${SHARED}
local life, position = place()
if ARGV[7] ~= '*' and (life ~= ARGV[7] or position ~= tonumber(ARGV[8])) then
  giveBack()
  return false
end
if life == '' then redis.call('DEL', stream) end
for i = 9, #ARGV do
  position = position + 1
  redis.call('XADD', stream, position .. '-0', 'c', ARGV[i])
end
redis.call('HSETNX', head, 'life', newLife)
redis.call('HSET', head, 'position', position)
use()
giveBack()
return { redis.call('HGET', head, 'life'), position }`,

  release: `${SHARED}
giveBack()
return 1`,

  /** ARGV: life, position, the snapshot. */
  cut: `${SHARED}
local life, position = place()
local at = tonumber(ARGV[8])
if life ~= ARGV[7] or at > position or at <= tonumber(redis.call('HGET', head, 'cut') or '0') then return 0 end
redis.call('HSET', head, 'cut', at, 'snapshot', ARGV[9])
redis.call('XTRIM', stream, 'MINID', (at + 1) .. '-0')
return 1`,

  /** ARGV: the text, how many are kept, how many bytes of them. */
  note: `${SHARED}
if isNamed and place() == '' then return 0 end
redis.call('HSETNX', noted, 'life', newLife)
redis.call('XADD', notes, redis.call('HINCRBY', noted, 'last', 1) .. '-0', 'c', ARGV[7])
local bytes = redis.call('HINCRBY', noted, 'bytes', #ARGV[7])
while redis.call('XLEN', notes) > tonumber(ARGV[8]) or bytes > tonumber(ARGV[9]) do
  local oldest = redis.call('XRANGE', notes, '-', '+', 'COUNT', 1)[1]
  redis.call('XDEL', notes, oldest[1])
  bytes = redis.call('HINCRBY', noted, 'bytes', -#oldest[2][2])
end
redis.call('PEXPIRE', noted, expiry)
redis.call('PEXPIRE', notes, expiry)
return 1`,

  /** ARGV: life, position. */
  notes: `${SHARED}
local found = redis.call('HMGET', noted, 'life', 'last', 'forgotten')
local life, last, forgotten = found[1] or '', tonumber(found[2] or '0'), tonumber(found[3] or '0')
local first, since = last - redis.call('XLEN', notes), tonumber(ARGV[8])
local anew = ARGV[7] ~= life or since > last or since < first
local texts = {}
if anew then since = first end
if since < last then
  for i, note in ipairs(redis.call('XRANGE', notes, (since + 1) .. '-0', '+')) do texts[i] = note[2][2] end
end
return { life, last, anew and 1 or 0, texts, forgotten, first - forgotten }`,

  forget: `${SHARED}
if redis.call('EXISTS', noted) == 0 then return 0 end
redis.call('HSET', noted, 'forgotten', redis.call('HGET', noted, 'last'), 'bytes', 0)
redis.call('DEL', notes)
return 1`,

  end: `${SHARED}
redis.call('ZREM', names, name)
local had = redis.call('DEL', head)
redis.call('DEL', stream, noted, notes)
return had`,
} as const

export type ScriptName = keyof typeof SCRIPTS
