import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { WorldState } from '../../bodies.js'
import { call, changes, complain, info, rootUrl, worldUrl } from './api.js'
import { Releases } from './releases.js'
import { Badge, Copy, Do, Empty, Field, Script, Table } from './ui.js'

/** This world, its release, and the others. */

const worlds = signal<WorldState[]>([])
const name = signal('')

export function Worlds() {
  useEffect(() => {
    call<WorldState[]>('GET', 'worlds')
      .then((read) => {
        worlds.value = read
      })
      .catch(complain)
  }, [changes.value])
  const current = info.value?.world ?? ''
  return (
    <>
      <h2>Worlds</h2>
      <div class="card">
        <h3>{current === '' ? 'The world without a name' : `World ${current}`}</h3>
        <Copy label="clients reach it at" text={worldUrl()} />
        <div class="bar">
          <Do kind="danger" action={{ method: 'POST', path: 'reset', library: 'await mock.reset()' }}>
            Reset this world
          </Do>
        </div>
      </div>
      <Releases />
      <section class="card" aria-label="All worlds">
        <h3>All worlds</h3>
        <p class="faint">
          Each has its own rows, clock, faults and journal. Put <code>/@name</code> in front of any path, and it is
          there. A name has 1 to 64 letters, digits, <code>.</code>, <code>_</code> and <code>-</code>.
        </p>
        <form
          class="bar"
          onSubmit={(event) => {
            event.preventDefault()
            location.assign(pageOf(name.value))
          }}
        >
          <Field
            label="Name of a world, new or there already"
            value={name.value}
            onInput={(value) => {
              name.value = value
            }}
          />
          <button type="submit" class="main" disabled={!/^[\w.-]{1,64}$/.test(name.value)}>
            Open
          </button>
        </form>
        {worlds.value.length === 0 ? (
          <Empty title="No world has a name yet." />
        ) : (
          <Table caption={`${worlds.value.length} with a name`} columns={['Name', 'Rows', 'Requests', 'Actions']}>
            {worlds.value.map((world) => (
              <Row key={world.name} world={world} />
            ))}
          </Table>
        )}
        {current !== '' && (
          <p>
            <a href={`${rootUrl()}/_mock/`}>The world without a name</a>
          </p>
        )}
        <Script action={{ method: 'GET', path: 'worlds', library: 'await mock.worlds()' }} />
      </section>
    </>
  )
}

function Row({ world: { name: each, changed, requests } }: { world: WorldState }) {
  const client = `mock.world(${JSON.stringify(each)})`
  return (
    <tr>
      <td>
        <a href={pageOf(each)}>{each}</a> {each === info.value?.world && <Badge tone="good">this one</Badge>}
      </td>
      <td>
        <Badge tone={changed ? 'odd' : 'plain'}>{changed ? 'changed' : 'as it began'}</Badge>
      </td>
      <td class="number">{requests}</td>
      <td>
        <div class="badges">
          <Do action={{ method: 'POST', path: `${worldUrl(each)}/_mock/reset`, library: `await ${client}.reset()` }}>
            Reset world {each}
          </Do>
          <Do kind="danger" action={{ method: 'DELETE', path: `worlds/${each}`, library: `await ${client}.close()` }}>
            Delete world {each}
          </Do>
        </div>
      </td>
    </tr>
  )
}

function pageOf(world: string): string {
  return `${worldUrl(world)}/_mock/`
}
