import { createClient } from '@redis/client'
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

type Client = ReturnType<typeof openClient>

function openClient({ host, port, path, isSecure, username, password, database }: StoreAddress) {
  const place =
    path === undefined ? { host: host ?? '', port: port ?? 0, tls: isSecure } : { path, tls: false as const }
  return createClient({
    socket: { ...place, connectTimeout: CONNECT_MILLISECONDS, reconnectStrategy: false } as never,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    database,
    disableOfflineQueue: true,
    RESP: 2,
  })
}

/** @throws StoreAway where the server cannot be used now */
export async function connect(address: StoreAddress): Promise<Connection> {
  let client: Client | undefined
  let reason = 'was not reached yet'
  let isClosed = false
  let retry: NodeJS.Timeout | undefined

  const away = () => new StoreAway(`the store ${address.shown} ${reason}`)

  function lose(of: Client, error: unknown): void {
    if (client !== of) return
    client = undefined
    reason = reasonOf(error)
    of.destroy()
    retryLater()
  }

  function retryLater(): void {
    if (isClosed) return
    retry = setTimeout(() => void open().catch(retryLater), RETRY_MILLISECONDS)
    retry.unref()
  }

  async function open(): Promise<void> {
    const opened = openClient(address)
    opened.on('error', (error) => lose(opened, error))
    try {
      await opened.connect()
    } catch (error) {
      reason = reasonOf(error)
      if (opened.isOpen) opened.destroy()
      throw away()
    }
    if (isClosed) return opened.destroy()
    opened.on('end', () => lose(opened, new Error('it closed the connection')))
    client = opened
  }

  await open()
  return {
    async ask(words) {
      const asked = client
      if (asked === undefined) throw away()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          lose(asked, new Error(`it did not answer within ${ANSWER_MILLISECONDS / 1000} seconds`))
          reject(away())
        }, ANSWER_MILLISECONDS)
      })
      try {
        return await Promise.race([asked.sendCommand(words), late])
      } catch (error) {
        if (error instanceof StoreAway || isMissingScript(error)) throw error
        throw new StoreAway(`the store ${address.shown} ${reasonOf(error)}`)
      } finally {
        clearTimeout(timer)
      }
    },
    close() {
      isClosed = true
      clearTimeout(retry)
      client?.destroy()
      client = undefined
      reason = 'was left: this mock stops'
    },
  }
}

export function isMissingScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}

function reasonOf(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: Error[] }
  const [word = ''] = message.split(/[\s:]/)
  const known = REFUSALS[word] ?? REFUSALS[/-(?:OOM|READONLY)/.exec(message)?.[0].slice(1) ?? '']
  if (known !== undefined) return known
  return `cannot be reached: ${code ?? errors?.[0]?.message ?? message.split('\n')[0]}`
}
