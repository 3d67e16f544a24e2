import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ReleaseChanges, ReleaseName } from '../../look-bodies.js'
import { call, complain, info } from './api.js'
import { Badge, Choice, Do, Script } from './ui.js'

/** The release that is answered as, and what another one changes. */

const releases = signal<ReleaseName[]>([])
const chosen = signal('')
const difference = signal<ReleaseChanges | undefined>(undefined)

export function Releases() {
  const current = info.value?.release.name ?? ''
  useEffect(() => {
    call<ReleaseName[]>('GET', 'releases')
      .then((read) => {
        releases.value = read
      })
      .catch(complain)
  }, [])
  const to = chosen.value || (releases.value.at(-1)?.name ?? '')
  useEffect(() => {
    if (to === '') return
    call<ReleaseChanges>('GET', `release/changes?${new URLSearchParams({ to })}`)
      .then((read) => {
        difference.value = read
      })
      .catch(complain)
  }, [to, current])
  const body = { release: to }
  return (
    <section class="card" aria-label="release">
      <h3>
        authentik {current} <Badge>{info.value?.release.evidence}</Badge>
      </h3>
      <div class="bar">
        <Choice
          label="Another release"
          value={to}
          onInput={(name) => {
            chosen.value = name
          }}
          options={releases.value.map(({ name, evidence }) => [name, `${name} (${evidence})`])}
        />
        <Do action={{ method: 'PUT', path: 'release', body, library: `await mock.serveAs(${JSON.stringify(to)})` }}>
          Answer as {to}
        </Do>
      </div>
      <Difference />
      <Script
        action={{
          method: 'GET',
          path: `release/changes?${new URLSearchParams({ to })}`,
          library: `await mock.changesTo(${JSON.stringify(to)})`,
        }}
      />
    </section>
  )
}

const WHERE = { body: 'In bodies', answers: 'In answers' }

function Difference() {
  const { value } = difference
  if (value === undefined) return null
  const { from, to, changes } = value
  return (
    <>
      <h4>
        What changes from {from} to {to}
      </h4>
      {changes.length === 0 && <p>Nothing changes on this API.</p>}
      {(['body', 'answers'] as const).map((what) => {
        const texts = changes.filter((change) => change.what === what)
        if (texts.length === 0) return null
        return (
          <div key={what}>
            <h5>{WHERE[what]}</h5>
            <ul class="changes">
              {texts.map(({ text }) => (
                <li key={text} class={text.startsWith('+') ? 'good' : text.startsWith('-') ? 'bad' : ''}>
                  {text}
                </li>
              ))}
            </ul>
          </div>
        )
      })}
    </>
  )
}
