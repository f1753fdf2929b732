"""What a class needs: quizzes, exercises for students, slides."""
