import type { PythonValue } from '../python/index.ts';

/** The variables of a template: the columns of a document. */
export type TemplateVariables = Readonly<Record<string, PythonValue>>;

/** A template of a task file. */
export interface TaskTemplate {
  /** @throws LmdeckError `config` for a variable that does not exist, or any other mistake in the template. */
  render(variables: TemplateVariables): string;
  /**
   * What the template's only expression gives, before it becomes text: `{{ [a, b] }}` is a list. Any other template gives its text.
   * @throws LmdeckError like `render`.
   */
  value(variables: TemplateVariables): PythonValue;
}

/**
 * Jinja as evaluation task files use it: undefined variables are errors (`StrictUndefined`), the newline at the end stays, values are
 * written as Python writes them (`None`, `True`, `['a', 'b']`), and there is a filter `regex_replace(pattern, repl, count=0)`.
 */
export class TaskJinja {
  readonly #compile: (source: string) => TaskTemplate;
  readonly #templates = new Map<string, TaskTemplate>();

  private constructor(compile: (source: string) => TaskTemplate) {
    this.#compile = compile;
  }

  static async load(): Promise<TaskJinja> {
    const { compileTaskTemplate } = await import('./task-template.ts');
    return new TaskJinja(compileTaskTemplate);
  }

  /** @throws LmdeckError `config` for text that is no template. */
  template(source: string): TaskTemplate {
    let template = this.#templates.get(source);
    if (template === undefined) {
      // Jinja has one kind of line break.
      const text = source.replaceAll(/\r\n?/g, '\n');
      template = /\{[{%#]/.test(text) ? this.#compile(text) : { render: () => text, value: () => text };
      this.#templates.set(source, template);
    }
    return template;
  }
}
