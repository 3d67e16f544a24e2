import { extname, isAbsolute, join, normalize, sep } from 'node:path'
import { lazyImport } from '../lazy.js'
import { joinPath, type Location, type Mistake, quote } from '../load/mistakes.js'
import { readRegularFile } from '../load/regular-file.js'
import type { StubSeed } from './seed.js'
import { stubBytes } from './too-many-stubs.js'

/** What a stub says beyond its form: files are read, and what could not be answered is refused. */

const MAX_STUB_BYTES = 1024 * 1024
const ANSWERS = ['body', 'text', 'file', 'base64'] as const
const TYPES: Record<string, string> = {
  '.json': 'application/json',
  '.html': 'text/html; charset=utf-8',
  '.xml': 'application/xml',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.pdf': 'application/pdf',
}
const NO_BODY = [204, 205, 304]

const loadTemplates = lazyImport(() => import('./template.js'))

/**
 * @param folder of the fixture file; undefined: it comes from elsewhere, where no file can be named
 * @param add is told of each mistake
 */
export async function prepareStub(
  seed: StubSeed,
  at: Location,
  folder: string | undefined,
  add: (mistake: Mistake) => void,
): Promise<StubSeed> {
  const refuse = (field: string, found: string, allowed: string) =>
    add({ ...at, path: joinPath(at.path, field), found, allowed })
  const given = ANSWERS.filter((name) => seed[name] !== undefined)
  const [first, second] = given
  if (second !== undefined) refuse(second, `${second} beside ${first}`, `one of ${ANSWERS.join(', ')}`)
  if (first !== undefined && NO_BODY.includes(seed.status ?? 200))
    refuse(first, `a body with status ${seed.status}`, 'none, as such an answer has no body')
  const trailer = Object.keys(seed.headers ?? {}).find((name) => name.toLowerCase() === 'trailer')
  // Node throws where it meets one.
  if (trailer !== undefined) refuse(joinPath('headers', trailer), 'a trailer', 'other headers')
  refuseOddNames(seed.path, refuse)
  const whole = seed.file === undefined ? seed : await withFile(seed, seed.file, folder, refuse)
  const bytes = stubBytes(whole)
  if (bytes > MAX_STUB_BYTES)
    add({ ...at, found: `a stub of ${bytes} bytes`, allowed: `at most ${MAX_STUB_BYTES} bytes` })
  else if (hasTemplate(whole)) {
    const { templateMistake, TEMPLATE_FORM, unknownName } = await loadTemplates()
    const names = namesOf(seed.path)
    for (const name of ['headers', 'body', 'text'] as const) {
      const mistake = templateMistake(whole[name])
      const unknown = mistake === undefined ? unknownName(whole[name], names) : undefined
      if (mistake !== undefined) refuse(name, `a template that cannot be read (${mistake})`, TEMPLATE_FORM)
      if (unknown !== undefined) refuse(name, `{{ ${unknown} }}, which no request has`, valuesWith(names))
    }
  }
  return whole
}

/** Whether anything of the request is to be filled in. */
export function hasTemplate({ headers, body, text, template }: StubSeed): boolean {
  return template !== false && /\{\{|\{%/.test(JSON.stringify([headers, body, text]))
}

function valuesWith(names: string[]): string {
  const ofPath = names.length === 0 ? 'path.id where the path has {id}' : names.map((name) => `path.${name}`).join(', ')
  return `${ofPath}, query.NAME, headers.NAME, body.NAME, method, url`
}

type Refuse = (field: string, found: string, allowed: string) => void

/** Names stand for whole segments, and none stands behind `**`, as nobody could tell then which one it is. */
function refuseOddNames(path: string, refuse: Refuse): void {
  const segments = path.split('/')
  const many = segments.findIndex((segment) => segment.includes('**'))
  for (const [i, segment] of segments.entries()) {
    const [, name] = /^:([A-Za-z_]\w*)$/.exec(segment) ?? []
    if (name !== undefined) refuse('path', quote(segment), `did you mean {${name}}?`)
    if (!/[{}]/.test(segment)) continue
    if (!/^\{[A-Za-z_]\w*\}$/.test(segment)) refuse('path', quote(segment), 'a name such as {id}, as a whole segment')
    else if (many !== -1 && many < i) refuse('path', `${segment} behind **`, 'names in front of **')
  }
}

function namesOf(path: string): string[] {
  return path.split('/').flatMap((segment) => /^\{([A-Za-z_]\w*)\}$/.exec(segment)?.[1] ?? [])
}

async function withFile(seed: StubSeed, file: string, folder: string | undefined, refuse: Refuse): Promise<StubSeed> {
  const { file: _, ...rest } = seed
  const path = normalize(file)
  const isBelow = !isAbsolute(path) && path !== '..' && !path.startsWith(`..${sep}`)
  if (folder === undefined)
    refuse('file', quote(file), 'a file in stubs of a fixture file only; else body, text or base64')
  else if (!isBelow) refuse('file', quote(file), 'a file below the folder of the fixture file')
  else
    try {
      const bytes = await readRegularFile(join(folder, path), MAX_STUB_BYTES)
      return { ...contentOf(bytes, path), ...rest, headers: { ...headersOf(path), ...rest.headers } }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      refuse('file', `${quote(file)}, ${code === 'ENOENT' ? 'where nothing is' : message}`, 'a file that can be read')
    }
  return rest
}

/** JSON with templates is JSON still once they are filled in; other text stays as it was written. */
function contentOf(bytes: Buffer, path: string): Partial<StubSeed> {
  const text = bytes.toString('utf8')
  if (!Buffer.from(text).equals(bytes)) return { base64: bytes.toString('base64') }
  if (extname(path) !== '.json' || !text.includes('{{')) return { text }
  try {
    return { body: JSON.parse(text) }
  } catch {
    return { text }
  }
}

function headersOf(path: string): Record<string, string> {
  return { 'Content-Type': TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream' }
}
