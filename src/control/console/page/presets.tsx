import type { Preset } from '../../look-bodies.js'
import { Badge, Do, Script, statusTone } from './ui.js'

/** The presets of faults by name, each with what it sends. */
export function Presets({ presets, use }: { presets: Preset[]; use(name: string): void }) {
  return (
    <section class="card" aria-label="presets">
      <h3>Presets</h3>
      <p class="faint">What authentik, and the proxies before it, really send when something is wrong.</p>
      <ul class="presets">
        {presets.map((preset) => (
          <One key={preset.name} preset={preset} use={use} />
        ))}
      </ul>
      <Script action={{ method: 'GET', path: 'presets', library: 'await mock.presets()' }} />
    </section>
  )
}

function One({ preset, use }: { preset: Preset; use(name: string): void }) {
  const { name, help, answer, connection, delay, after, path, grant } = preset
  const once = { preset: name, times: 1 }
  return (
    <li>
      <details>
        <summary>
          <b>{name}</b> {answer && <Badge tone={statusTone(answer.status)}>{answer.status}</Badge>}
          {connection && <Badge tone="bad">{connection}</Badge>}{' '}
          {delay > 0 && <Badge tone="odd">{delay / 1000} s</Badge>}
          <div class="faint">{help}</div>
        </summary>
        {path !== null && (
          <p>
            Only for <code>{path}</code>
            {grant !== null && ` with the grant ${grant}`}
          </p>
        )}
        {after && <p>The request does its work first.</p>}
        <pre class="bytes">{answer === null ? "authentik's own answer" : sent(answer)}</pre>
        <div class="bar">
          <Do
            action={{
              method: 'POST',
              path: 'faults',
              body: once,
              library: `await mock.faults.add(${JSON.stringify(once)})`,
            }}
          >
            Strike once: {name}
          </Do>
          <button type="button" onClick={() => use(name)}>
            Into the form: {name}
          </button>
        </div>
      </details>
    </li>
  )
}

function sent({ status, content_type: type, headers, body }: NonNullable<Preset['answer']>): string {
  const lines = [String(status), ...(type === null ? [] : [`Content-Type: ${type}`])]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  return `${lines.join('\n')}\n\n${body}`
}
