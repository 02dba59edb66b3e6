/** Counts the n-grams of 1 to `order` words; n-grams are the words joined by a blank, which no word contains. One map per order. */
export function wordNgrams(words: readonly string[], order: number): Map<string, number>[] {
  return Array.from({ length: order }, (_, shorter) => {
    const counts = new Map<string, number>();
    for (let i = 0; i + shorter < words.length; i++) {
      const ngram = shorter === 0 ? (words[i] ?? '') : words.slice(i, i + shorter + 1).join(' ');
      counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
    }
    return counts;
  });
}

/** Counts the n-grams of 1 to `order` characters (code points); one map per order. */
export function characterNgrams(text: string, order: number): Map<string, number>[] {
  const characters = Array.from(text);
  return Array.from({ length: order }, (_, shorter) => {
    const counts = new Map<string, number>();
    for (let i = 0; i + shorter < characters.length; i++) {
      const ngram = characters.slice(i, i + shorter + 1).join('');
      counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
    }
    return counts;
  });
}
