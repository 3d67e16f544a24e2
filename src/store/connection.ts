import type { Socket } from 'node:net'
import { Redis as Valkey } from 'iovalkey'
import type { StoreAddress } from './address.js'
import { StoreAway } from './store.js'

/** A connection to a Valkey or Redis server, which is made again for as long as it is wanted. */
export interface Connection {
  /** @throws StoreAway at once where the server is not there, or after a while where it does not answer */
  ask(words: string[]): Promise<unknown>
  close(): void
}

const CONNECT_MILLISECONDS = 3_000
/** So long nothing may come of an answer; looked at so often, as what came while this process was busy is not read yet. */
const ANSWER_MILLISECONDS = 3_000
const LOOKS = 6
const RETRY_MILLISECONDS = 200
/** One that was closed for being silent is wanted back at once. */
const FIRST_RETRY_MILLISECONDS = 5
/** Between that and the store may be what forgets silent connections. */
const KEEP_ALIVE_MILLISECONDS = 30_000
/** After so long one that does not hang up is hung up on. */
const END_MILLISECONDS = 200

export const IS_CLUSTER = 'is part of a cluster; allowed: a server that has all keys'

/** What the first word of an error means. The rest of it may be long, or name keys. */
const REFUSALS: Record<string, string> = {
  OOM: 'is full: it refuses to take anything more',
  READONLY: 'is read-only: it is the replica of another server',
  NOAUTH: 'asks for a password',
  WRONGPASS: 'does not know this user and password',
  'ERR AUTH': 'knows no user, and was given a password',
  'ERR DB': 'has no such database',
  NOPERM: 'does not allow this user what the mock needs',
  LOADING: 'is still loading what it kept',
  MASTERDOWN: 'has lost the server that it follows',
  MISCONF: 'cannot write to its disk, and takes nothing more',
  BROKEN: 'has lost a part of the log of a world',
  WRONGTYPE: 'has keys of somebody else under this prefix',
  CLUSTERDOWN: IS_CLUSTER,
  CROSSSLOT: IS_CLUSTER,
  MOVED: IS_CLUSTER,
  OTHERS: 'is used by mocks with other options, or that began later; this one has to be started again',
  BUSY: 'is busy with a script',
}

/**
 * @param first commands that each connection begins with; where one is refused, what needs it fails later
 * @throws StoreAway where the server cannot be used now
 */
export async function connect(address: StoreAddress, first: string[][] = []): Promise<Connection> {
  const { shown, isSecure, host, port, path, username, password, database, prefix } = address
  const place = path === undefined ? { host: host ?? '', port: port ?? 0 } : { path }
  let reason = 'was not reached yet'
  let hasBegun = false
  /** Resolves once it knows who asks, and for which database; undefined: there is no connection. */
  let greeting: Promise<void> | undefined
  let isGreeted = false
  const client = new Valkey({
    ...{ ...place, ...(isSecure && { tls: {} }) },
    ...{
      lazyConnect: true,
      connectTimeout: CONNECT_MILLISECONDS,
      keepAlive: KEEP_ALIVE_MILLISECONDS,
      retryStrategy: (times) => (hasBegun ? (times === 1 ? FIRST_RETRY_MILLISECONDS : RETRY_MILLISECONDS) : null),
    },
    // Whoever asks while it is not there is told so, and nothing is asked twice.
    ...{ enableOfflineQueue: false, maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false },
    // It would print what it thinks of the answer.
    enableReadyCheck: false,
    disconnectTimeout: END_MILLISECONDS,
  })
  const auth = username === undefined ? [] : [username]
  const greetings = [
    ...(password === undefined ? [] : [['AUTH', ...auth, password]]),
    ...(database === 0 ? [] : [['SELECT', String(database)]]),
    writeNothing(prefix),
  ]
  client.on('error', (error) => {
    reason = reasonOf(error)
  })
  client.on('ready', () => {
    greeting = greet()
    greeting.catch(() => {})
  })
  client.on('close', () => {
    isGreeted = false
    greeting = undefined
  })

  const away = () => new StoreAway(`the store ${shown} ${reason}`)

  /** Says who asks, and for which database, and asks whether anything can be written there. */
  async function greet(): Promise<void> {
    const asked = greetings.map((words) => call(words))
    for (const words of first) client.call(...(words as [string])).catch(() => {})
    try {
      await Promise.all(asked)
      isGreeted = true
      reason = 'closed the connection; the mock tries to connect again'
    } catch (error) {
      client.disconnect(hasBegun)
      throw error
    }
  }

  /** How much came and went so far: both may be long. */
  function progress(): string {
    const stream: Socket | undefined = client.stream
    return `${stream?.bytesRead} ${stream?.writableLength}`
  }

  /** @throws StoreAway, or that a script is missing */
  async function call([command = '', ...words]: string[]): Promise<unknown> {
    let seen = progress()
    let quiet = 0
    const timer = setInterval(() => {
      quiet = seen === progress() ? quiet + 1 : 0
      seen = progress()
      if (quiet < LOOKS) return
      reason = `did not answer within ${ANSWER_MILLISECONDS / 1000} seconds`
      client.disconnect(hasBegun)
    }, ANSWER_MILLISECONDS / LOOKS)
    try {
      return await client.call(command, ...words)
    } catch (error) {
      if (isMissingScript(error)) throw error
      if (!isConsequence(error)) reason = reasonOf(error)
      // What it knows may be of yesterday: until it is another's no more, or another one is there, it is away.
      if (isReadOnly(error)) client.disconnect(hasBegun)
      throw away()
    } finally {
      clearInterval(timer)
    }
  }

  try {
    await client.connect()
    await greeting
    hasBegun = true
  } catch (error) {
    client.disconnect()
    if (!(error instanceof StoreAway) && !isConsequence(error)) reason = reasonOf(error)
    throw away()
  }
  return {
    async ask(words) {
      if (!isGreeted) throw away()
      return call(words)
    },
    close() {
      reason = 'was left: this mock stops'
      client.disconnect()
    },
  }
}

/** A command that changes nothing, and that only a server that takes changes does. */
export const writeNothing = (prefix: string): string[] => ['DEL', `${prefix}nothing`]

function isReadOnly(error: unknown): boolean {
  return error instanceof Error && /(?:^|-)READONLY\b/.test(error.message)
}

export function isMissingScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}

/** Whether an error only says that the connection is no more, and not why. */
function isConsequence(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^Connection is closed|^Stream isn't writeable|^Reached the max retries/.test(error.message)
  )
}

function reasonOf(error: unknown): string {
  const { name, code, message, errors } = error as NodeJS.ErrnoException & { errors?: Error[] }
  const word = Object.keys(REFUSALS).find((each) => new RegExp(`(?:^|-)${each}\\b`).test(message))
  if (word !== undefined) return REFUSALS[word] as string
  const [line] = message.split('\n')
  if (name === 'ReplyError') return `refuses what the mock needs: ${line}`
  return `cannot be reached: ${code ?? errors?.[0]?.message ?? line}`
}
