/* Quizzes: makes a button of every answer and tells at once whether it is right, and why.
   Works from a file, without a network. Without this script, answers unfold below each question. */

(() => {
  const mark = (button, right) => {
    button.classList.add(right ? "quiz-right" : "quiz-wrong");
    button.setAttribute("aria-pressed", "true");
  };

  const tell = (quiz) => {
    const all = [...quiz.querySelectorAll(".quiz-question")];
    const first = all.filter((question) => question.dataset.first);
    const score = quiz.querySelector(".quiz-score");
    if (first.length < all.length) return;
    const right = first.filter((question) => question.dataset.first === "right").length;
    score.hidden = false;
    score.textContent = `${right} of ${all.length} right at the first go.`;
  };

  const choose = (quiz, question, item, button) => {
    const right = item.dataset.right === "true";
    for (const other of question.querySelectorAll(".quiz-answers button")) {
      other.classList.remove("quiz-right", "quiz-wrong");
      other.setAttribute("aria-pressed", "false");
    }
    mark(button, right);
    const feedback = question.querySelector(".quiz-feedback");
    feedback.classList.toggle("quiz-right", right);
    feedback.classList.toggle("quiz-wrong", !right);
    feedback.textContent = `${right ? "Right." : "Not quite."} ${item.dataset.why}`;
    question.dataset.first ||= right ? "right" : "wrong";
    tell(quiz);
  };

  for (const quiz of document.querySelectorAll(".quiz")) {
    for (const question of quiz.querySelectorAll(".quiz-question")) {
      for (const item of question.querySelectorAll(".quiz-answers > li")) {
        const button = document.createElement("button");
        button.type = "button";
        button.setAttribute("aria-pressed", "false");
        button.append(...item.childNodes);
        button.addEventListener("click", () => choose(quiz, question, item, button));
        item.append(button);
      }
    }
    quiz.classList.add("quiz-ready");
  }
})();
