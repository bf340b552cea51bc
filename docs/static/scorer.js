/* What search counts: pages written for people come before the reference. */
var Scorer = {
  score: (result) => {
    const [docName, , , , score] = result;
    return /^(reference|_modules)\//.test(docName) ? score / 10 : score;
  },
  objNameMatch: 11, objPartialMatch: 6, objPrio: { 0: 15, 1: 5, 2: -5 }, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
};
