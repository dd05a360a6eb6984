/** Limits of the API (`model::limits`), for hints while one types. The server has the last word. */
export const limits = {
  handleMin: 3,
  handleMax: 30,
  nameMax: 60,
  passwordMin: 8,
  postMax: 5_000,
  chatTitleMax: 80,
  chatDescriptionMax: 500,
  chatPictureBytesMax: 8 * 1024,
  questionsMax: 5,
  questionMax: 200,
  answerMax: 1_000,
  seatsMax: 5_000,
  messageMax: 10_000,
  listNameMax: 60,
  deviceNameMax: 60,
  mentionsMax: 50,
  pollQuestionMax: 300,
  pollOptionsMin: 2,
  pollOptionsMax: 12,
  pollOptionMax: 100,
  searchMax: 200,
  reportMessagesMax: 20,
  reportCommentMax: 1_000,
  typingPeopleMax: 50,
  receiptPeopleMax: 32,
  filesMax: 10,
  fileNameMax: 255,
  thumbnailBytesMax: 8 * 1024,
  waveformMax: 64
} as const;

export const handlePattern = /^[a-z][a-z0-9_]{2,29}$/;
