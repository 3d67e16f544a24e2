import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { type Action, act, controlCurl, say } from './api.js'
import { dateText } from './time.js'

/** The parts that every view is made of. */

interface DoProps {
  action: Action
  children: ComponentChildren
  /** Is told the answer. */
  then?: (answer: unknown) => void
  /** How it looks: what is done most, and what takes something away. */
  kind?: 'main' | 'danger'
}

/** A button that does something to the mock. */
export function Do({ action, children, then, kind }: DoProps) {
  const run = async () => {
    const done = await act(action)
    if (done !== undefined) then?.(done.answer)
  }
  return (
    <button type="button" class={kind} onClick={() => void run()}>
      {children}
    </button>
  )
}

/** The heading of what was opened: who opened it is led there. */
export function OpenedTitle({ id, children }: { id: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [id])
  return (
    <h3 ref={heading} tabIndex={-1}>
      {children}
    </h3>
  )
}

/** A text to copy. */
export function Copy({ label, text }: { label: string; text: string }) {
  return (
    <div class="copy">
      <span class="label">{label}</span>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable */}
      <code tabIndex={0}>{text}</code>
      <button
        type="button"
        onClick={(event) => void copy(event.currentTarget, label, text)}
        aria-label={`Copy ${label}`}
      >
        Copy
      </button>
    </div>
  )
}

/** Only pages of https and localhost may write to the clipboard by its API; on others the text is marked, and copied so. */
async function copy(button: HTMLElement, label: string, text: string): Promise<void> {
  const isCopied = await navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  )
  const code = button.previousElementSibling
  if (!isCopied && code !== null) {
    getSelection()?.selectAllChildren(code)
    document.execCommand('copy')
  }
  say(`Copied: ${label}`)
}

/** How a script asks for what is shown. */
export function Script({ action }: { action: Action }) {
  return (
    <details class="script">
      <summary>As a script</summary>
      <Copy label="curl" text={controlCurl(action)} />
      <Copy label="library" text={action.library} />
    </details>
  )
}

interface FieldProps {
  label: string
  value: string
  onInput(value: string): void
  isNumber?: boolean
  placeholder?: string
}

export function Field({ label, value, onInput, isNumber = false, placeholder }: FieldProps) {
  return (
    <label>
      {label}
      <input
        inputMode={isNumber ? 'numeric' : 'text'}
        spellcheck={false}
        autocomplete="off"
        placeholder={placeholder}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  )
}

export function Choice({ label, value, options, onInput }: FieldProps & { options: [value: string, text: string][] }) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onInput(event.currentTarget.value)}>
        {options.map(([each, text]) => (
          <option key={each} value={each} selected={each === value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

interface TableProps {
  caption: string
  columns: string[]
  children: ComponentChildren
}

/** A wide table scrolls by itself, also by keyboard. */
export function Table({ caption, columns, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable
    <section class="scroll" aria-label={caption} tabIndex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}

export type Tone = 'good' | 'bad' | 'odd' | 'plain'

/** A word that stands out: by its colour, and it can be read. */
export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>
}

/** What there is to do where there is nothing to show. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="title">{title}</p>
      {children}
    </div>
  )
}

export function statusTone(status: number | null): Tone {
  if (status === null || status >= 500) return 'bad'
  return status >= 400 ? 'odd' : 'good'
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/

/** A cell. Of what stands for another row, its name. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  if (Array.isArray(value)) return value.map(textOf).join(', ') || '–'
  if (typeof value !== 'object') return INSTANT.test(String(value)) ? dateText(String(value)) : String(value)
  const { username, name, pk } = value as Record<string, unknown>
  return String(username ?? name ?? pk ?? JSON.stringify(value))
}

/** JSON that one can read; any other text as it is. */
export function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
