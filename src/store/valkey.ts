import { createHash, randomUUID } from 'node:crypto'
import type { StoreAddress } from './address.js'
import { connect, isMissingScript, writeNothing } from './connection.js'
import { remarksOn, unfitnessOf } from './server-info.js'
import { CLAIM_MILLISECONDS, type Place, type Store, StoreAway, type StoreLimits, type Tail } from './store.js'
import { SCRIPTS, type ScriptName } from './valkey-scripts.js'

/** A store in a Valkey or Redis server, which any number of replicas may share. It is loaded by whoever is given one. */

const HASHES = Object.fromEntries(
  Object.entries(SCRIPTS).map(([name, text]) => [name, createHash('sha1').update(text).digest('hex')]),
) as Record<ScriptName, string>

type WrittenNotes = [life: string, last: number, isAnew: number, texts: string[], ...counts: number[]]
type WrittenTail = [life: string, position: number, isAnew: number, snapshot: string | null, entries: string[]]

/** @throws StoreAway where the server cannot be used now */
export async function openValkey(
  address: StoreAddress,
  { logs, expiry, notes: mostNotes, noteBytes }: StoreLimits,
  warn: (text: string) => void = () => {},
): Promise<Store> {
  const { prefix } = address
  // One that has to be sent a second time would come late.
  const connection = await connect(
    address,
    Object.values(SCRIPTS).map((text) => ['SCRIPT', 'LOAD', text]),
  )
  const me = randomUUID()
  const milliseconds = String(expiry * 1000)
  let agreed = ''

  async function run(script: ScriptName, log: string, ...rest: (string | number)[]): Promise<unknown> {
    const own = (kind: string) => `${prefix}${kind}:${log}`
    const keys = [own('log'), own('entries'), own('claim'), `${prefix}logs`, own('noted'), own('notes')]
    const given = [log, me, milliseconds, logs, randomUUID(), prefix, ...rest]
    const words = [String(keys.length), ...keys, ...given.map(String)]
    try {
      return await connection.ask(['EVALSHA', HASHES[script], ...words])
    } catch (error) {
      if (!isMissingScript(error)) throw error
      return connection.ask(['EVAL', SCRIPTS[script], ...words])
    }
  }

  const tailed = ([life, position, isAnew, snapshot, entries]: WrittenTail): Tail => ({
    end: { life, position },
    isAnew: isAnew === 1,
    snapshot: snapshot ?? undefined,
    entries,
  })

  // Who may not ask for that is told nothing.
  const info = String(await connection.ask(['INFO']).catch(() => ''))
  const unfit = unfitnessOf(info)
  if (unfit !== undefined) {
    connection.close()
    throw new StoreAway(`the store ${address.shown} ${unfit}`)
  }
  for (const remark of remarksOn(info)) warn(`the store ${address.shown} ${remark}`)
  return {
    async agree(text) {
      const key = `${prefix}mock`
      // A store that is full takes nothing, but may have it.
      if ((await connection.ask(['EXISTS', key])) === 0)
        await connection.ask(['SET', key, text, 'NX', 'PX', milliseconds])
      await connection.ask(['PEXPIRE', key, milliseconds])
      agreed = String(await connection.ask(['GET', key]))
      return agreed
    },
    async disagree(text) {
      await run('disagree', '', text)
    },
    read: async (log, { life, position }, use = 'look') =>
      tailed((await run('read', log, life, position, use === 'use' ? 1 : 0, agreed)) as WrittenTail),
    async claim(log, { life, position }) {
      const tail = (await run('claim', log, life, position, CLAIM_MILLISECONDS)) as WrittenTail | null
      return tail === null ? undefined : tailed(tail)
    },
    async append(log, at, entries) {
      const { life, position } = at === 'end' ? { life: '*', position: 0 } : at
      const end = (await run('append', log, life, position, ...entries)) as [string, number] | null
      return end === null ? undefined : ({ life: end[0], position: end[1] } satisfies Place)
    },
    async release(log) {
      await run('release', log)
    },
    async cut(log, { life, position }, snapshot) {
      await run('cut', log, life, position, snapshot)
    },
    async note(log, text) {
      await run('note', log, text, mostNotes, noteBytes)
    },
    async notes(log, since) {
      const notes = (await run('notes', log, since.life, since.position)) as WrittenNotes
      const [life, position, isAnew, texts, forgotten = 0, dropped = 0] = notes
      return { end: { life, position }, isAnew: isAnew === 1, texts, forgotten, dropped }
    },
    async forget(log) {
      await run('forget', log)
    },
    end: async (log) => (await run('end', log)) === 1,
    list: async () => (await connection.ask(['ZREVRANGE', `${prefix}logs`, '0', '-1'])) as string[],
    async ready() {
      await connection.ask(writeNothing(prefix))
      await run('ready', '', agreed)
    },
    async ping() {
      await connection.ask(['PING'])
    },
    close: connection.close,
  }
}
