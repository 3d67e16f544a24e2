import {
  type Alias,
  type Document,
  type DocumentOptions,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type ParsedNode,
  type ParseOptions,
  parseAllDocuments,
  type Scalar,
  type SchemaOptions,
} from 'yaml'
import { counted } from '../../format/counted.js'
import { MAX_DEPTH, tooDeep } from './depth.js'
import { define, lostNumber, type Reading } from './exact-json.js'
import { placeIn } from './json-text.js'
import { FixtureError, joinPath } from './mistakes.js'
import { indentSlip } from './yaml-indent.js'

/** So many values may come of aliases beside those that are written out. */
const MAX_ALIASED = 1_000_000
/** A line that begins with so many dashes or blanks is made to exhaust the stack. */
const MAX_INDENT = 2000

/** YAML 1.2 as JSON could say it: dates are texts, names are texts, and there are no tags of one's own. */
const OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.2',
  schema: 'core',
  customTags: [],
  resolveKnownTags: false,
  merge: false,
  // The parser would compare each with all others.
  uniqueKeys: false,
  stringKeys: true,
  intAsBigInt: true,
  keepSourceTokens: false,
  prettyErrors: false,
  logLevel: 'silent',
}

/**
 * Reads YAML: the value of each document in it that is not empty.
 *
 * @throws SyntaxError that names line and column
 * @throws FixtureError for a text that is nested too deep
 */
export function readYamlText(text: string, file: string): Reading[] {
  refuseTooDeep(text, file)
  const documents = parseAllDocuments<ParsedNode>(text, OPTIONS)
  if (!Array.isArray(documents)) return []
  return documents.flatMap((document) => {
    const [mistake] = [...document.errors, ...document.warnings]
    if (mistake !== undefined)
      throw indentMistake(text, mistake.pos[0]) ?? yamlMistake(text, mistake.pos[0], mistake.message)
    const isEmpty = document.contents === null || (isScalar(document.contents) && document.contents.value === null)
    return isEmpty ? [] : readDocument(document, text, file)
  })
}

/** Before the text is parsed, as that climbs down into it. */
function refuseTooDeep(text: string, file: string): void {
  const isIndented = new RegExp(`^[ \\-?:]{${MAX_INDENT}}`, 'm').test(text)
  let depth = 0
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth++
    else if (token === ']' || token === '}') depth--
    if (isIndented || depth > MAX_DEPTH) throw new FixtureError([tooDeep(file, [])])
  }
}

function yamlMistake(text: string, position: number, message: string): SyntaxError {
  const place = position < text.length ? position : text.trimEnd().length
  return new SyntaxError(`a YAML mistake in ${placeIn(text, place)}: ${message.replace(/\s+/g, ' ').trim()}`)
}

/** Undefined: what is wrong there is something else. */
function indentMistake(text: string, position: number): SyntaxError | undefined {
  const slip = indentSlip(text, text.slice(0, position).split('\n').length)
  if (slip === undefined) return undefined
  const { line, blanks, usual } = slip
  const said = `indented by ${counted(blanks, 'blank')}; the lines that it may belong to, by ${usual.join(' or ')}`
  return new SyntaxError(`a YAML mistake in line ${line}, column ${blanks + 1}: ${said}`)
}

function startOf(node: unknown): number {
  return (node as ParsedNode | null)?.range?.[0] ?? 0
}

function readDocument(document: Document.Parsed, text: string, file: string): Reading {
  const warnings: string[] = []
  const unquoted: NonNullable<Reading['unquoted']> = []
  let aliased = 0
  /** What anchors stand for so far: a name may be given again. */
  const anchors = new Map<string, ParsedNode>()
  const targets = new Map<Alias, ParsedNode | undefined>()

  function valueIn(node: unknown, members: (string | number)[], isAliased: boolean): unknown {
    if (isAliased && ++aliased > MAX_ALIASED)
      throw new SyntaxError(`aliases that stand for more than ${MAX_ALIASED} values`)
    if (isAlias(node)) {
      const target = targetOf(node)
      if (target === undefined)
        throw yamlMistake(text, startOf(node), `there is no anchor &${node.source} before the alias`)
      if (members.length > MAX_DEPTH) throw new FixtureError([tooDeep(file, members)])
      return valueIn(target, members, true)
    }
    note(node)
    if (!isMap(node) && !isSeq(node)) return scalarOf(node as Scalar | null, members)
    if (members.length >= MAX_DEPTH) throw new FixtureError([tooDeep(file, members)])
    if (isSeq(node)) return node.items.map((item, i) => valueIn(item, [...members, i], isAliased))
    const object = {}
    for (const { key, value } of node.items) {
      const name = nameOf(key)
      if (Object.hasOwn(object, name)) throw yamlMistake(text, startOf(key), 'Map keys must be unique')
      define(object, name, valueIn(value, [...members, name], isAliased))
    }
    return object
  }

  function note(node: unknown): void {
    const { anchor } = (node ?? {}) as { anchor?: string }
    if (anchor !== undefined) anchors.set(anchor, node as ParsedNode)
  }

  /** As it is at its own place, which comes before those that it is repeated at. */
  function targetOf(alias: Alias): ParsedNode | undefined {
    if (!targets.has(alias)) targets.set(alias, anchors.get(alias.source))
    return targets.get(alias)
  }

  function nameOf(key: unknown): string {
    note(key)
    return isScalar(key) ? String(key.value ?? '') : String(valueIn(key, [], true))
  }

  function scalarOf(scalar: Scalar | null, members: (string | number)[]): unknown {
    const value = scalar?.value ?? null
    if (value !== null && typeof value !== 'string') unquoted.push([members, scalar?.source ?? String(value)])
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
    if (typeof value !== 'number') return value
    const written = scalar?.source ?? String(value)
    if (!Number.isFinite(value))
      throw yamlMistake(text, startOf(scalar), `${written} is a number that JSON cannot hold`)
    if (String(value) !== written) warnings.push(lostNumber(members.reduce<string>(joinPath, ''), written, value))
    return value
  }

  return { value: valueIn(document.contents, [], false), warnings, unquoted }
}
