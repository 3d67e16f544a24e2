import type { FaultSeed, Mock } from '../../src/index.js'
import { send } from '../http.js'
import { seenBy } from '../seen-by.js'
import { LIVING, refresh } from './living.js'
import { behaves } from './small-world.js'

/** Faults and races of the OAuth2 endpoints. */

const OPTIONS = { fixtures: LIVING }

const tokenOf = async (mock: Mock, user = 'jane') => (await mock.tokens.issue({ user })).refresh_token as string

behaves(
  'faults know grant type, client and user',
  async (t, mock) => {
    const [janes, adas] = [await tokenOf(mock), await tokenOf(mock, 'ada')]
    const cases: [fault: FaultSeed, strikes: boolean][] = [
      [{ grant: 'refresh_token', status: 503 }, true],
      [{ grant: 'authorization_code', status: 503 }, false],
      [{ client: 'grafana', status: 503 }, true],
      [{ client: 'another', status: 503 }, false],
      [{ user: 'jane', status: 503 }, true],
      [{ user: 'ada', status: 503 }, false],
    ]
    for (const [fault, strikes] of cases) {
      await mock.faults.add(fault)
      const { status } = await refresh(mock, strikes ? janes : 'unknown')
      t.equal(status, strikes ? 503 : 400, JSON.stringify(fault))
      await mock.faults.clear()
    }
    await mock.faults.add({ user: 'jane', status: 503 })
    t.equal((await refresh(mock, adas)).status, 200, 'another user is let pass')
    t.match(await mock.faults.list(), [{ seen: 0, struck: 0 }])
  },
  OPTIONS,
)

behaves(
  'presets of the token endpoint',
  async (t, mock) => {
    const first = await tokenOf(mock)
    for (const [preset, error] of [
      ['invalid-client', 'invalid_client'],
      ['invalid-grant', 'invalid_grant'],
    ] as const) {
      await mock.faults.add({ preset, times: 1 })
      t.match(await refresh(mock, first), { status: 400, json: { error, error_description: String } }, preset)
      t.equal((await mock.requests({ limit: 1 }))[0]?.made.length, 0, 'nothing was issued')
    }
    await mock.faults.add({ preset: 'slow-token', delay: 20, times: 1 })
    const second = (await refresh(mock, first)).json.refresh_token
    t.match(second, /^\w{128}$/, 'late, and whole')

    await mock.faults.add({ preset: 'lost-rotation', times: 1 })
    t.equal((await refresh(mock, second)).status, 0, 'no answer')
    t.match(await refresh(mock, second), { status: 400, json: { error: 'invalid_grant' } }, 'and yet it was rotated')
    const third = await tokenOf(mock)
    await mock.faults.add({ preset: 'down-after-issue', times: 1 })
    t.equal((await refresh(mock, third)).status, 502)
    t.match(await mock.requests({ limit: 1 }), [{ status: 502, made: [/^access_tokens/, /^refresh_tokens/] }])
    t.equal((await refresh(mock, third)).status, 400)
    const { origin, pathname } = new URL(mock.url)
    await mock.faults.add({ preset: 'invalid-client' })
    t.equal(
      (await send(origin, { path: `${pathname.replace(/\/$/, '')}/-/health/live/` })).status,
      200,
      'no other path',
    )
  },
  OPTIONS,
)

behaves(
  'two refreshes at once both win, unless one winner is asked for',
  async (t, mock) => {
    const race = async (fault: FaultSeed) => {
      await mock.faults.clear()
      await mock.faults.add({ grant: 'refresh_token', ...fault })
      const token = await tokenOf(mock)
      const answers = await Promise.all([refresh(mock, token), refresh(mock, token)])
      return answers.map(({ status }) => status).sort()
    }
    t.strictSame(await race({ barrier: 2 }), [200, 200], 'as recorded')
    t.strictSame(await race({ barrier: 2, order: [2, 1], one_winner: true }), [200, 400])
    t.strictSame(await race({ one_winner: true }), [200, 400])
  },
  OPTIONS,
)

behaves(
  'the order at a barrier is the one that was asked for',
  async (t, mock) => {
    const tokens = [await tokenOf(mock), await tokenOf(mock, 'ada')] as const
    await mock.faults.add({ grant: 'refresh_token', barrier: 2, order: [2, 1], one_winner: true })
    const first = refresh(mock, tokens[0])
    // The fault has seen the first before the second is sent.
    await seenBy(mock, 1)
    await Promise.all([first, refresh(mock, tokens[1])])
    t.match(await mock.requests(), [{ ended: ['refresh_tokens 5'] }, { ended: ['refresh_tokens 4'] }])
  },
  OPTIONS,
)

behaves(
  'a client that leaves while it waits holds up nobody',
  async (t, mock) => {
    const faults: [fault: FaultSeed, answers: number][] = [
      [{}, 200],
      [{ status: 503 }, 503],
      [{ status: 503, after: true }, 503],
      [{ delay: 1 }, 200],
    ]
    for (const [fault, answers] of faults) {
      await mock.faults.clear()
      await mock.faults.add({ path: '/-/health/live/', barrier: 2, one_winner: true, ...fault })
      const leaving = new AbortController()
      const url = `${mock.url.replace(/\/$/, '')}/-/health/live/`
      const left = fetch(url, { signal: leaving.signal })
      await seenBy(mock, 1)
      leaving.abort()
      await t.rejects(left)
      t.equal((await fetch(url, { signal: AbortSignal.timeout(4_000) })).status, answers, JSON.stringify(fault))
    }
  },
  OPTIONS,
)

behaves(
  'a fault that is no more lets go whoever waits for others',
  async (t, mock) => {
    const url = `${mock.url.replace(/\/$/, '')}/-/health/live/`
    const ends = [() => mock.faults.clear(), () => mock.faults.remove('2'), () => mock.reset()]
    for (const end of ends) {
      await mock.faults.add({ path: '/-/health/live/', barrier: 20 })
      const held = fetch(url, { signal: AbortSignal.timeout(4_000) })
      await seenBy(mock, 1)
      await end()
      t.equal((await held).status, 200)
    }
  },
  OPTIONS,
)

behaves(
  'a grant type that is misspelt, or is a part of one, is refused; an unknown one is not',
  async (t, mock) => {
    const meant = [
      ['refresh', 'refresh_token'],
      ['refresh_tokn', 'refresh_token'],
      ['device_code', 'urn:ietf:params:oauth:grant-type:device_code'],
    ]
    for (const [grant = '', known] of meant)
      await t.rejects(mock.faults.add({ grant }), {
        message: `grant: found ${JSON.stringify(grant)}; did you mean ${known}?`,
      })
    const unknown = 'urn:ietf:params:oauth:grant-type:saml2-bearer'
    await mock.faults.add({ grant: unknown, status: 503 })
    const form = new URLSearchParams({ grant_type: unknown })
    t.equal((await fetch(`${mock.url}/application/o/token/`, { method: 'POST', body: form })).status, 503)
  },
  OPTIONS,
)

behaves(
  'an order that is none is refused, and a barrier that nobody fills',
  async (t, mock) => {
    const mistakes: [FaultSeed, string][] = [
      [{ order: [1] }, 'order: found [1]; allowed: order together with barrier'],
      [{ barrier: 2, order: [1, 1] }, 'order: found [1,1]; allowed: each number from 1 to 2 once'],
      [{ barrier: 3, times: 2 }, 'times: found 2; allowed: at least 3, as so many requests wait for each other'],
      [{ barrier: 1 }, 'barrier: found 1; allowed: how many requests wait for each other: an integer from 2 to 20'],
    ]
    for (const [fault, message] of mistakes) await t.rejects(mock.faults.add(fault), { message }, message)
    t.strictSame(await mock.faults.list(), [])
  },
  OPTIONS,
)
