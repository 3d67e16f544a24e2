import type { GateChange } from '../world/change.js'
import type { Fault } from './bodies.js'
import { inOrder } from './gate.js'

/** The requests that wait for each other at a fault, over all mocks that share it. */
export interface Group {
  /** When the first of them came, by the clock of its machine in milliseconds. */
  begun: number
  /** In the order in which they came. */
  tickets: string[]
  isOpen: boolean
  /** Those of them that have done their work, or never will. */
  past: string[]
}

/** Nobody waits that long: who is in such a group came to a mock that is gone. */
const STALE_MILLISECONDS = 10_000
/** So many are remembered; of older ones nobody is left. */
const MAX_GROUPS = 100

/** What becomes of the groups at a fault. */
export function changeGroups(groups: Group[], fault: Fault, change: GateChange): Group[] {
  switch (change.type) {
    case 'gate entered':
      return enter(groups, fault, change.ticket, change.at)
    case 'gate opened':
      return groups.map((group) => (group.tickets.includes(change.ticket) ? { ...group, isOpen: true } : group))
    case 'gate passed':
      return groups
        .map((group) => pass(group, change.tickets))
        .filter(({ tickets, past }) => past.length < tickets.length)
  }
}

function enter(groups: Group[], { barrier }: Fault, ticket: string, at: number): Group[] {
  const last = groups.at(-1)
  const isJoined = last !== undefined && !last.isOpen && at - last.begun <= STALE_MILLISECONDS
  const others = (isJoined ? groups.slice(0, -1) : groups).slice(1 - MAX_GROUPS)
  const tickets = [...(isJoined ? last.tickets : []), ticket]
  const begun = isJoined ? last.begun : at
  const opened = isJoined ? others : others.map((group) => ({ ...group, isOpen: true }))
  return [...opened, { begun, tickets, isOpen: tickets.length === barrier, past: [] }]
}

/** Who leaves before the others are there never came. */
function pass(group: Group, gone: string[]): Group {
  const { tickets, isOpen, past } = group
  const isGone = (ticket: string) => gone.includes(ticket)
  if (!isOpen) return { ...group, tickets: tickets.filter((ticket) => !isGone(ticket)) }
  return { ...group, past: tickets.filter((ticket) => past.includes(ticket) || isGone(ticket)) }
}

/** As they are to go. */
export const ticketsInOrder = ({ tickets }: Group, { barrier = 0, order }: Fault) => inOrder(tickets, barrier, order)
