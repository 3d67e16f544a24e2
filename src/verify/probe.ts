import { LIST } from '../upstream/read-rows.js'
import type { WireRequest } from '../upstream/wire.js'

/** A request that both are sent. None of them changes anything, but for those of `deletion`. */
export interface Probe extends WireRequest {
  /** Its class, and what it is about: `list/page=2`. */
  name: string
  /** Without it, the request shows no token. */
  as?: 'caller' | 'unknown'
  /** How an empty answer ends depends on the Go that the front server was built with, not on the release. */
  endsAnyhow?: true
}

type Make = (name: string, path: string, more?: Partial<Probe>) => Probe

/** Asks as the caller, unless it says otherwise. */
export const probe: Make = (name, path, more = {}) => ({ name, path, as: 'caller', ...more })
export const anonymous: Make = (name, path, more = {}) => ({ name, path, ...more })
export const detail = (pk: number | string) => `${LIST}${pk}/`

/** As many rows as a page shows where nothing else is asked for. */
export const PAGE = 'page_size=20'
