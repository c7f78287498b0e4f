import { can, type Status } from '@crucible/contracts'
import { StopIcon } from './icons.tsx'
import { ReasonedButton } from './reasoned-button.tsx'
import { statusWords } from './words.ts'

/** Asks the same table as the server whether cancelling is still a move. */
export function CancelButton({
  status,
  isPending,
  mayCancel = true,
  onCancel,
}: {
  status: Status
  isPending: boolean
  mayCancel?: boolean
  onCancel: () => void
}) {
  const reason = !mayCancel
    ? 'This key may not cancel.'
    : !can(status, 'cancelled')
      ? `It is ${statusWords[status].word.toLowerCase()} already: there is nothing left to cancel.`
      : isPending
        ? 'It is being cancelled.'
        : null
  return (
    <ReasonedButton variant="default" leftSection={<StopIcon size={12} />} reason={reason} onClick={onCancel}>
      Cancel
    </ReasonedButton>
  )
}
