/**
 * Where the logs of changes live that replicas share. A log belongs to one world and is a list of texts; whoever applied
 * the same ones in the same order has the same world. A store knows nothing of what stands in them.
 */
export interface Store {
  /**
   * What the replicas of this store are to have in common: the text of the first one stands. From then on this one uses no
   * log beside others who have something else in common.
   *
   * @returns the text that stands
   */
  agree(text: string): Promise<string>
  /** Takes back what `agree` left there, where it still stands and no log has begun. */
  disagree(text: string): Promise<void>
  /** What a log says beyond a place. */
  read(log: string, since: Place, use?: Use): Promise<Tail>
  /**
   * The same, and the right to write, which holds for `CLAIM_MILLISECONDS`: it keeps others from working in vain, and
   * nothing else. Undefined: another one has it. Whoever has it already gets it again.
   */
  claim(log: string, since: Place): Promise<Tail | undefined>
  /**
   * Adds entries, all or none, and gives the claim back.
   *
   * @param at where the log has to end; `end`: anywhere
   * @returns where the log ends now; undefined: somebody else wrote meanwhile, and nothing was added
   */
  append(log: string, at: Place | 'end', entries: string[]): Promise<Place | undefined>
  /** Gives a claim back without writing anything. */
  release(log: string): Promise<void>
  /** Keeps what all entries up to a place come to in their stead. Nothing happens where the log is no longer the same. */
  cut(log: string, at: Place, snapshot: string): Promise<void>
  /**
   * Notes beside a log what is no change: the latest so and so many are kept, and they are counted. Nothing is noted beside
   * one with a name that has not begun, or has ended.
   */
  note(log: string, text: string): Promise<void>
  /** The notes beyond a place. */
  notes(log: string, since: Place): Promise<Notes>
  /** Forgets the notes, and goes on counting. */
  forget(log: string): Promise<void>
  /** Ends a log, with all that it says and its notes. False: it had not begun. */
  end(log: string): Promise<boolean>
  /** The logs with a name that have begun, the most recently used one first. */
  list(): Promise<string[]>
  /** Resolves where it can be written to, by this replica. */
  ready(): Promise<void>
  /** Asks whether the store is there. Once it answers, it has done all that had reached it from anybody before. */
  ping(): Promise<void>
  close(): void
}

/** Whether a log is that of a world with a name, of which so many may be. Others are called nothing, or begin with a slash. */
export const isNamed = (log: string): boolean => log !== '' && !log.startsWith('/')

/** A place in a log. */
export interface Place {
  /** A log that was ended and began again is another one. Empty: it has not begun. */
  life: string
  /** How many entries came before. */
  position: number
}

/** Whether a log is only looked at, or used: then it has begun, and the least recently used one may have to make room. */
export type Use = 'look' | 'use'

export interface Tail {
  /** Where the log ends. */
  end: Place
  /** Whether what the reader applied so far is no beginning of it: everything is to be applied from the start. */
  isAnew: boolean
  /** What earlier entries came to: to be begun from. */
  snapshot: string | undefined
  entries: string[]
}

export interface Notes {
  /** Where they end. */
  end: Place
  /** Whether what the reader has is none of them any more. */
  isAnew: boolean
  /** The last of them is the one at the end. */
  texts: string[]
  /** Up to which place they were forgotten. */
  forgotten: number
  /** How many had to make room since then. */
  dropped: number
}

export const BEGINNING: Place = { life: '', position: 0 }

/** A replica that dies with a claim holds the others up for so long. */
export const CLAIM_MILLISECONDS = 2_000

export interface StoreLimits {
  /** How many logs with a name there may be; the least recently used one makes room. */
  logs: number
  /** After so many seconds without any use a log is gone. */
  expiry: number
  /** How many notes are kept beside each log, and how many bytes of them. */
  notes: number
  noteBytes: number
}

/** The store cannot do what it is asked now. What was to be written may stand there nevertheless. */
export class StoreAway extends Error {
  override name = 'StoreAway'
}
