import { Agent, request } from 'node:http'
import type { Mock } from '../../src/control/client/client.js'
import type { WireRequest } from '../http.js'
import { isLinearizable, type Operation } from './linearizable.js'
import { form, ROOT } from './replicas.js'

/** Many clients at once, of whichever mock is there: what each asked, when, and what it was told. */

export interface LoadSettings {
  /** Where mocks are now; it may change. */
  urls: () => string[]
  clients: number
  operations: number
  /** Primary keys of users whose names are written and read. */
  users: number[]
  /** By name: what is good for one time, and tried by three clients at once. */
  singles: Map<string, WireRequest>
  /** A number below another one. */
  random: (below: number) => number
  /** Is told how many operations were done. */
  onDone?: (done: number) => void
  /** Resolves once what was begun meanwhile has happened: then it is asked how all of it ended. */
  onEnd?: () => Promise<unknown>
}

export interface Load {
  /** What happened to the name of each user. */
  histories: Map<number, Operation[]>
  /** The answers to those who tried what is good for one time, by its name; 0: none. */
  tried: Map<string, number[]>
  /** How many answers had this status; 0: none. */
  statuses: Map<number, number>
}

const CLIENT = { client_id: 'grafana', client_secret: 'grafana-client-secret' }
const REDIRECT = 'https://grafana.nordlicht.example/login/generic_oauth'

const agent = new Agent({ keepAlive: true })

/** Status 0: there was no answer. */
export function ask(url: string, { method = 'GET', path, headers, body }: WireRequest): Promise<Answer> {
  return new Promise((resolve) => {
    const none = () => resolve({ status: 0, body: '' })
    const asked = request(`${url}${path}`, { method, headers: headers as Record<string, string>, agent }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part) => parts.push(part))
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body: String(Buffer.concat(parts)) }))
      answer.once('error', none)
    })
    asked.once('error', none)
    asked.end(body)
  })
}

interface Answer {
  status: number
  body: string
}

export async function load({ onDone, onEnd, ...settings }: LoadSettings): Promise<Load> {
  const { urls, clients, operations, users, singles, random } = settings
  const histories = new Map(users.map((pk): [number, Operation[]] => [pk, []]))
  const tried = new Map([...singles.keys()].map((name): [string, number[]] => [name, []]))
  const statuses = new Map<number, number>()
  const trying = [...singles].flatMap((single) => [single, single, single])
  let begun = 0
  let done = 0

  async function tell(of: WireRequest): Promise<Answer> {
    const all = urls()
    const answer = await ask(all[random(all.length)] as string, of)
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    onDone?.(++done)
    return answer
  }

  async function read(pk: number): Promise<void> {
    const start = performance.now()
    const { status, body } = await tell({ path: `/api/v3/core/users/${pk}/`, headers: ROOT })
    if (status !== 200) return
    note(pk, { kind: 'read', value: JSON.parse(body).name, start, end: performance.now(), isSure: true })
  }

  async function write(pk: number, value: string): Promise<void> {
    const start = performance.now()
    const { status } = await tell({
      ...{ method: 'PATCH', path: `/api/v3/core/users/${pk}/`, body: JSON.stringify({ name: value }) },
      headers: { ...ROOT, 'Content-Type': 'application/json' },
    })
    note(pk, { kind: 'write', value, start, end: performance.now(), isSure: status === 200 })
  }

  async function attempt([name, request]: [string, WireRequest]): Promise<void> {
    const { status } = await tell(request)
    tried.get(name)?.push(status)
  }

  function note(pk: number, operation: Operation): void {
    histories.get(pk)?.push(operation)
  }

  async function client(): Promise<void> {
    while (begun < operations) {
      const i = begun++
      const pk = users[random(users.length)] as number
      const single = trying.length > 0 && random(operations) < 3 * singles.size ? trying.shift() : undefined
      if (single !== undefined) await attempt(single)
      else if (random(2) === 0) await read(pk)
      else await write(pk, `value ${i}`)
    }
  }

  await Promise.all(Array.from({ length: clients }, client))
  for (const single of trying) await attempt(single)
  await onEnd?.()
  // What everybody answers in the end.
  for (const url of urls()) {
    await ready(url)
    for (const pk of users) {
      const start = performance.now()
      const { body } = await ask(url, { path: `/api/v3/core/users/${pk}/`, headers: ROOT })
      note(pk, { kind: 'read', value: JSON.parse(body).name, start, end: performance.now(), isSure: true })
    }
  }
  return { histories, tried, statuses }
}

const PATIENCE_MS = 30_000

/** Resolves once a mock has found its store again. */
async function ready(url: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while ((await ask(url, { path: '/-/health/ready/' })).status !== 200) {
    if (performance.now() > end) throw new Error(`${url} is not ready after ${PATIENCE_MS} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** What is wrong with what clients saw: a sentence each. */
export function judge({ histories, tried }: Load, initial: Map<number, string>): string[] {
  const names = [...histories].flatMap(([pk, history]) =>
    isLinearizable(history, initial.get(pk) ?? '') ? [] : [`the name of user ${pk} was seen out of order`],
  )
  const singles = [...tried].flatMap(([name, statuses]) => {
    const winners = statuses.filter((status) => status === 200).length
    const isUnsure = statuses.some((status) => status === 0 || status === 503)
    return winners > 1 || (winners === 0 && !isUnsure) ? [`${name} was good for ${winners} of ${statuses.length}`] : []
  })
  return [...names, ...singles]
}

/** A code, to be redeemed. */
export async function code(control: Mock): Promise<WireRequest> {
  const { code } = await control.codes.issue({ user: 10, provider: 'grafana' })
  return form('token', { ...CLIENT, grant_type: 'authorization_code', code, redirect_uri: REDIRECT })
}

/** A refresh token, to be rotated. */
export async function refreshToken(control: Mock): Promise<WireRequest> {
  const scope = ['openid', 'offline_access']
  const { pk } = await control.refreshTokens.create({ user: 10, provider: 1, scope })
  const { token } = await control.refreshTokens.secret(Number(pk))
  return form('token', { ...CLIENT, grant_type: 'refresh_token', refresh_token: token })
}

/** A fault that strikes once; its answer is the only good one. */
export async function fault(control: Mock, i: number): Promise<WireRequest> {
  const path = `/once/${i}`
  await control.faults.add({ path, status: 200, times: 1 })
  return { path }
}
