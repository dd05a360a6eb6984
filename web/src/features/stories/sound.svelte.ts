/** Whether stories are heard: off until somebody turns it on, then for as long as the page is open. */
class Sound {
  on = $state(false);
}
export const sound = new Sound();
