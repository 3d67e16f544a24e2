import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { WorldState } from '../../bodies.js'
import { act, call, changes, complain, info, ROOT, WORLD } from './api.js'
import { Do, Field, Table } from './ui.js'

/** This world, its release, and the others. */

const worlds = signal<WorldState[]>([])
const release = signal('')
const name = signal('')

export function Worlds() {
  const times = changes.value
  useEffect(() => {
    call<WorldState[]>('GET', 'worlds')
      .then((read) => {
        worlds.value = read
      })
      .catch(complain)
  }, [times])
  return (
    <>
      <h2>Worlds</h2>
      <p>
        Clients reach this one at <code>{WORLD}</code>
      </p>
      <div class="bar">
        <Do action={{ method: 'POST', path: 'reset', library: 'await mock.reset()' }}>Reset this world</Do>
      </div>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault()
          const body = { release: release.value }
          void act({
            method: 'PUT',
            path: 'release',
            body,
            library: `await mock.serveAs(${JSON.stringify(release.value)})`,
          })
        }}
      >
        <Field
          label={`Release, now ${info.value?.release.name ?? '…'} (2025.2, 2025.2.4, latest)`}
          value={release.value}
          onInput={(value) => {
            release.value = value
          }}
        />
        <button type="submit">Answer as this release</button>
      </form>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault()
          location.assign(placeOf(name.value))
        }}
      >
        <Field
          label="Name of a world (new, or there already)"
          value={name.value}
          onInput={(value) => {
            name.value = value
          }}
        />
        <button type="submit">Open</button>
      </form>
      <Table caption={`${worlds.value.length} worlds with a name`} columns={['Name', 'Changed', 'Requests', 'Actions']}>
        {worlds.value.map(({ name, changed, requests }) => (
          <tr key={name}>
            <td>
              <a href={placeOf(name)}>{name}</a>
            </td>
            <td>{changed ? 'yes' : 'no'}</td>
            <td>{requests}</td>
            <td>
              <Do
                action={{
                  method: 'DELETE',
                  path: `worlds/${name}`,
                  library: `await mock.world(${JSON.stringify(name)}).close()`,
                }}
              >
                Delete world {name}
              </Do>
            </td>
          </tr>
        ))}
      </Table>
      <p>
        <a href={`${ROOT}/_mock/`}>The world without a name</a>
      </p>
    </>
  )
}

function placeOf(world: string): string {
  return `${ROOT}/@${encodeURIComponent(world)}/_mock/`
}
