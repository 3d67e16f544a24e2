import type { TObject } from 'typebox'
import type { People } from '../generate/people.js'
import type { Micros } from '../instant.js'
import type { SecretForm } from '../secret-forms.js'
import type { Lookup } from '../table.js'
import type { Key, Value } from '../value.js'

/**
 * What the mock knows of one kind of row. A kind is one file in this folder and one line of the registry; storage,
 * fixtures, control routes, counts, export, reset and the library's types follow from it.
 */
// biome-ignore lint/suspicious/noExplicitAny: a registry holds kinds of all sorts
export interface Kind<K extends Key = any, Row = any, Seed extends TObject = TObject> {
  /** What one row is called in a message: `refresh token`. */
  word: string
  /** The grammar of a row in fixtures and control bodies. */
  seed: Seed
  /** The field that holds the primary key. */
  key: string
  /** How the primary key of a new row comes about: counted up, drawn, or always given. */
  keys: 'counted' | 'drawn' | 'given'
  /** How fixtures list the rows: as an array, or as an object by primary key. */
  form: 'list' | 'by key'
  /** The field that names a row uniquely, beside its primary key. */
  natural?: string
  /**
   * Fields that are for their owner's eyes: the journal masks them, and an export leaves them out unless it is asked. A
   * form: rows without a value have one that is a function of seed and key.
   */
  secrets?: Record<string, SecretForm | null>
  /** Further fields that nobody should read in a log or a message. */
  masked?: string[]
  /** Further fields that no two rows share. */
  unique: string[]
  references: Record<string, Reference>
  /** A row that another section describes inside a row of this kind. */
  embeds?: Embed
  /** What rows are ordered and filtered by. A null comes last. */
  columns: Record<string, (row: Row) => Value | null>
  /** What filters of the API look at beside them. */
  unlisted?: Record<string, (row: Row) => Value | null>
  /** Fields that say something of a new row alone. */
  atIssue?: string[]
  /** Whether a new row of this description takes a name that faker makes up. */
  needsPeople?(seed: Given): boolean
  /**
   * The description in the terms of the mock, where it uses those of a release: every field of the API is taken.
   *
   * @param warn is told of a field that is not taken as it is, and why
   * @param now relative times count from here
   */
  terms?(given: Given, warn: (field: string, why: string) => void, now: Micros): Given
  /**
   * A whole row of what is given: the rest stays as it was before, or is what authentik gives a new object. Undefined,
   * and refused: there can be no such row.
   */
  complete(given: Given, key: K, context: Context, before?: Row): Row | undefined
  /** What is odd about a description, but not wrong: a sentence each. */
  oddities?(given: Given, context: Omit<Context, 'refuse'>): string[]
  /** The row as a seed that says everything, so that the same row comes of it again. */
  seedOf(row: Row, context: SeedContext): Record<string, unknown>
}

/** A seed whose references are primary keys. */
export type Given = Record<string, unknown>

/** A field that names rows of another kind: by primary key, by natural key, or described where it stands. */
export interface Reference {
  kind: string
  /** The field is a list of references. */
  many?: true
  /** In a new row without one: any row of that kind. */
  otherwise?: 'any'
  /** What becomes of this row when the other one is deleted. */
  onDelete: 'cascade' | 'set null' | 'remove' | 'keep'
  /** Seeds whose reference need not exist. */
  mayDangle?(seed: Given): boolean
}

export interface Embed {
  /** The field of this kind that holds the description, or null for none. */
  field: string
  /** The kind that is described, and its field that refers back. */
  kind: string
  back: string
  /** What a new row has where its seed says nothing. */
  fresh(seed: Given, key: Key, context: Omit<Context, 'refuse'>): Given | undefined
}

/** What rows are completed in. */
export interface Context {
  installId: string
  baseUrl: string
  /** Draws what authentik draws at random. */
  seed: number
  /** Relative times count from here. */
  now: Micros
  people: People
  /** A row that is made up as a whole, as generated ones are; undefined: none for this key. */
  madeUp(section: string, key: Key): Given | undefined
  /** The rows that are there and those that were completed before, by section. */
  rows(section: string): Lookup<Key, unknown>
  /** The first row whose reference has this value. */
  referring(section: string, field: string, key: Key): unknown
  /** Says what is wrong with a field of the row that is being completed. */
  refuse(field: string, found: string, allowed: string): undefined
}

/** What a row is turned back into a seed in. */
export interface SeedContext {
  rows(section: string): Lookup<Key, unknown>
  referring(section: string, field: string, key: Key): unknown
  /** How an id_token reads: rows do not know the release that they are served at. */
  idTokenText(idToken: unknown): string
}
