import { signal } from '@preact/signals'
import { act, call, complain, info } from './api.js'
import type { Page, RowData } from './rows.js'
import { Do, Field } from './ui.js'

/** The time of the world. */

const moment = signal('')

export function Clock() {
  const { now, frozen } = info.value?.clock ?? {}
  const body = { frozen: !frozen }
  return (
    <>
      <h2>Clock</h2>
      <dl>
        <dt>Now</dt>
        <dd>{now}</dd>
        <dt>It</dt>
        <dd>{frozen ? 'stands still' : 'runs'}</dd>
      </dl>
      <div class="bar">
        <Do action={{ method: 'PUT', path: 'clock', body, library: `await mock.clock.${frozen ? 'run' : 'freeze'}()` }}>
          {frozen ? 'Let it run' : 'Freeze'}
        </Do>
        <button type="button" onClick={() => void jump('before')}>
          Just before the next expiry
        </button>
        <button type="button" onClick={() => void jump('after')}>
          Just after the next expiry
        </button>
        <Do action={{ method: 'DELETE', path: 'clock', library: 'await mock.clock.reset()' }}>
          Back to the time of the machine
        </Do>
      </div>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault()
          const library = `await mock.clock.set(${JSON.stringify(moment.value)})`
          void act({ method: 'PUT', path: 'clock', body: { now: moment.value }, library })
        }}
      >
        <Field
          label="A moment (2030-01-31T12:00:00Z), or days=31 from now"
          value={moment.value}
          onInput={(value) => {
            moment.value = value
          }}
        />
        <button type="submit">Go there</button>
      </form>
    </>
  )
}

/** To the expiry of the refresh token that is the next to expire. */
async function jump(where: 'before' | 'after'): Promise<void> {
  try {
    const pk = await nextToExpire()
    if (pk === undefined) return complain('no refresh token is going to expire')
    const library = `await mock.clock.${where === 'before' ? 'stopBefore' : 'stopAfter'}(${pk})`
    await act({ method: 'POST', path: 'clock/advance', body: { [where]: pk }, library })
  } catch (error) {
    complain(error)
  }
}

/** Looks in the middle of what is left, as there may be a million. */
async function nextToExpire(): Promise<unknown> {
  const now = Date.parse(info.value?.clock.now ?? '')
  const at = (place: number) => call<Page>('GET', `refresh_tokens?ordering=expires&page_size=1&page=${place + 1}`)
  // Just before an expiry, the next one is that one: a second counts as past.
  const isAhead = (row: RowData | undefined) =>
    row?.['expires'] == null || Date.parse(String(row['expires'])) > now + 1000
  const { count } = await at(0)
  let [low, high] = [0, count]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const [row] = (await at(middle)).rows
    if (isAhead(row)) high = middle
    else low = middle + 1
  }
  const [row] = low < count ? (await at(low)).rows : []
  return row?.['expires'] == null ? undefined : row['pk']
}
