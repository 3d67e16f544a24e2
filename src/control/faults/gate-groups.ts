import type { GateChange } from '../../world/change.js'
import type { Fault } from '../bodies.js'
import { delayOf } from './fault-effect.js'
import { inOrder } from './gate.js'

/**
 * The requests that wait for each other at a fault, over all mocks that share it. Without a barrier it is a queue, in which
 * each waits for those before it alone; whoever has gone leaves it.
 */
export interface Group {
  /** When the first of them came; of a queue, when one last came or went. By the clock of its machine in milliseconds. */
  at: number
  /** In the order in which they came. */
  tickets: string[]
  isOpen: boolean
  /** Those of them that have done their work, or never will. */
  past: string[]
}

/** Nobody waits that long, beside a delay: who is in such a group came to a mock that is gone. */
const STALE_MILLISECONDS = 10_000
/** So many are remembered; of older ones nobody is left. */
const MAX_GROUPS = 100

type GatePassed = Extract<GateChange, { type: 'gate passed' }>

/** What becomes of the groups at a fault. */
export function changeGroups(groups: Group[], fault: Fault, change: GateChange): Group[] {
  switch (change.type) {
    case 'gate entered':
      return fault.barrier === undefined
        ? [queueUp(groups[0], fault, change.ticket, change.at)]
        : enter(groups, fault, change.ticket, change.at)
    case 'gate opened':
      return groups.map((group) => (group.tickets.includes(change.ticket) ? { ...group, isOpen: true } : group))
    case 'gate passed':
      return groups
        .map((group) => (fault.barrier === undefined ? leave(group, change) : pass(group, change.tickets)))
        .filter(({ tickets, past }) => past.length < tickets.length)
  }
}

function enter(groups: Group[], { barrier }: Fault, ticket: string, at: number): Group[] {
  const last = groups.at(-1)
  const isJoined = last !== undefined && !last.isOpen && at - last.at <= STALE_MILLISECONDS
  const others = (isJoined ? groups.slice(0, -1) : groups).slice(1 - MAX_GROUPS)
  const tickets = [...(isJoined ? last.tickets : []), ticket]
  const opened = isJoined ? others : others.map((group) => ({ ...group, isOpen: true }))
  return [...opened, { at: isJoined ? last.at : at, tickets, isOpen: tickets.length === barrier, past: [] }]
}

function queueUp(queue: Group | undefined, fault: Fault, ticket: string, at: number): Group {
  const isStale = queue === undefined || at - queue.at > STALE_MILLISECONDS + delayOf(fault)
  return { at, tickets: [...(isStale ? [] : queue.tickets), ticket], isOpen: true, past: [] }
}

function leave(queue: Group, { tickets: gone, at }: GatePassed): Group {
  const tickets = queue.tickets.filter((ticket) => !gone.includes(ticket))
  return tickets.length === queue.tickets.length ? queue : { ...queue, at, tickets }
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
