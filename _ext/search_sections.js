// Sphinx finds a section by half of its heading, typed as it stands. Here some of its words will do, in any order.
{
  const pages = Search.performTermsSearch;
  Search.performTermsSearch = (words, excluded) => {
    const { alltitles, docnames, filenames, titles } = Search._index;
    const stemmer = new Stemmer();
    const holds = (heading) => {
      const found = splitQuery(heading.toLowerCase()).map((word) => stemmer.stemWord(word));
      return words.size && [...words].every((word) => found.includes(word));
    };
    const sections = Object.entries(alltitles).flatMap(([heading, places]) =>
      places
        .filter(([, anchor]) => anchor && holds(heading))
        .map(([page, anchor]) => [docnames[page], `${titles[page]} > ${heading}`, `#${anchor}`, null, 20, filenames[page]])
    );
    return [...pages(words, excluded), ...sections];
  };
}
