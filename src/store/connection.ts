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
const ANSWER_MILLISECONDS = 3_000
const RETRY_MILLISECONDS = 200

/** What the first word of an error means. The rest of it may be long, or name keys. */
const REFUSALS: Record<string, string> = {
  OOM: 'is full: it refuses to take anything more',
  READONLY: 'is read-only: it is the replica of another server',
  NOAUTH: 'asks for a password',
  WRONGPASS: 'does not know this user and password',
  NOPERM: 'does not allow this user what the mock needs',
  LOADING: 'is still loading what it kept',
  MASTERDOWN: 'has lost the server that it follows',
  MISCONF: 'cannot write to its disk, and takes nothing more',
  BROKEN: 'has lost a part of the log of a world',
  BUSY: 'is busy with a script',
}

/**
 * @param first what every connection asks before anything else; whether it is refused is told by what follows
 * @throws StoreAway where the server cannot be used now
 */
export async function connect(
  { shown, isSecure, database, prefix: _, ...place }: StoreAddress,
  first: string[][] = [],
): Promise<Connection> {
  let reason = 'was not reached yet'
  let hasBegun = false
  const client = new Valkey({
    ...{ ...place, db: database, ...(isSecure && { tls: {} }) },
    ...{
      lazyConnect: true,
      connectTimeout: CONNECT_MILLISECONDS,
      retryStrategy: () => (hasBegun ? RETRY_MILLISECONDS : null),
    },
    // Whoever asks while it is not there is told so, and nothing is asked twice.
    ...{ enableOfflineQueue: false, maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false },
  })
  client.on('error', (error) => {
    reason = reasonOf(error)
  })

  client.on('ready', () => {
    reason = 'closed the connection; the mock tries to connect again'
    for (const [command = '', ...words] of first) client.call(command, ...words).catch(() => {})
  })

  const away = () => new StoreAway(`the store ${shown} ${reason}`)

  try {
    await client.connect()
    hasBegun = true
  } catch (error) {
    client.disconnect()
    if (!isConsequence(error)) reason = reasonOf(error)
    throw away()
  }
  return {
    async ask([command = '', ...words]) {
      if (client.status !== 'ready') throw away()
      const timer = setTimeout(() => {
        reason = `did not answer within ${ANSWER_MILLISECONDS / 1000} seconds`
        client.disconnect(true)
      }, ANSWER_MILLISECONDS)
      try {
        return await client.call(command, ...words)
      } catch (error) {
        if (isMissingScript(error)) throw error
        if (!isConsequence(error)) reason = reasonOf(error)
        throw away()
      } finally {
        clearTimeout(timer)
      }
    },
    close() {
      reason = 'was left: this mock stops'
      client.disconnect()
    },
  }
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
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: Error[] }
  const word = Object.keys(REFUSALS).find((each) => new RegExp(`(?:^|-)${each}\\b`).test(message))
  if (word !== undefined) return REFUSALS[word] as string
  return `cannot be reached: ${code ?? errors?.[0]?.message ?? message.split('\n')[0]}`
}
