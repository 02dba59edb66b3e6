import type { TaskContext, TaskRequest } from '../../scoring/index.ts';

/** What is asked, as people read it: the prompt, and what is scored after it in ⟦ ⟧. */
export function requestText(request: TaskRequest): string {
  switch (request.type) {
    case 'loglikelihood':
      return `${contextText(request.context)}⟦${request.continuation}⟧`;
    case 'loglikelihood_rolling':
      return `⟦${request.text}⟧`;
    default:
      return contextText(request.context);
  }
}

function contextText(context: TaskContext): string {
  if (typeof context === 'string') return context;
  return context.map(({ role, content }) => `[${role}]\n${content}\n`).join('');
}
