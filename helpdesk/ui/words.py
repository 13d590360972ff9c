"""The words of the components: those of statuses, and those that the scripts show."""

from django.utils.translation import gettext, gettext_noop

# Status value -> (glyph in img/icons.svg, word in a list row, whole word).
STATUSES = {
    "new": ("s-new", gettext_noop("New"), gettext_noop("New")),
    "open": ("s-open", gettext_noop("Open"), gettext_noop("Open")),
    "waiting_citizen": ("s-wait", gettext_noop("Waiting"), gettext_noop("Waiting for the citizen")),
    "waiting_third": ("s-wait", gettext_noop("Waiting"), gettext_noop("Waiting for a third party")),
    "waiting_date": ("s-wait", gettext_noop("Waiting"), gettext_noop("Waiting for a date")),
    "resolved": ("s-done", gettext_noop("Resolved"), gettext_noop("Resolved")),
    "closed": ("s-closed", gettext_noop("Closed"), gettext_noop("Closed")),
    "deleted": ("trash", gettext_noop("Deleted"), gettext_noop("In the bin")),
    "merged": ("merge", gettext_noop("Merged"), gettext_noop("Merged")),
}
UNKNOWN_STATUS = ("s-open", "", "")

# Key in the scripts -> English; %s is replaced there.
SCRIPT_WORDS = {
    "undo": gettext_noop("Undo (%s s)"),
    "undone": gettext_noop("Undone. Your text is back."),
    "undoTooLate": gettext_noop("Too late to undo: it has been sent."),
    "changeUndone": gettext_noop("Undone."),
    "changedSince": gettext_noop("Not undone: it was changed since."),
    "undoFailed": gettext_noop("Could not undo. Try again."),
    "newOne": gettext_noop("Show 1 new request"),
    "newMany": gettext_noop("Show %s new requests"),
    "moreOne": gettext_noop("1 more request"),
    "moreMany": gettext_noop("%s more requests"),
    "listFailed": gettext_noop("The list is not up to date."),
    "tryAgain": gettext_noop("Try again"),
    "newArticle": gettext_noop("New article in this request"),
    "offline": gettext_noop("Connection interrupted. What you typed is saved."),
    "online": gettext_noop("Connected again"),
    "noticeOne": gettext_noop("1 request with news"),
    "noticeMany": gettext_noop("%s requests with news"),
    "presence-viewing": gettext_noop("%s has this open"),
    "presence-answering": gettext_noop("%s is writing an answer …"),
    "presence-noting": gettext_noop("%s is writing a note …"),
    "live": gettext_noop("live"),
    "selectedOne": gettext_noop("1 selected"),
    "selectedMany": gettext_noop("%s selected"),
    "noCommands": gettext_noop("The commands could not be loaded. Try again."),
    "signInTitle": gettext_noop("Please sign in again"),
    "signInHint": gettext_noop("You were signed out. What you typed is kept and goes on after it."),
    "notSentSignedOut": gettext_noop("Not sent: you are signed out. Your text is kept."),
    "newVersion": gettext_noop("There is a new version."),
    "reload": gettext_noop("Reload"),
    "saving": gettext_noop("Saving …"),
    "open": gettext_noop("Open it"),
    "callersFound": gettext_noop("%s found"),
    "noteFailed": gettext_noop("Not saved. What you typed is kept. Try again."),
    "signInAgain": gettext_noop("Not saved: please sign in again in another tab. Nothing is lost."),
    "close": gettext_noop("Close"),
    "saveFailed": gettext_noop("Not saved. Try again."),
}
# What is said only where something is written or looked at: on the page of a request.
WRITING_WORDS = {
    "draftSaved": gettext_noop("Draft saved %s"),
    "draftLocal": gettext_noop("Saved on this device only"),
    "draftNowhere": gettext_noop("Not saved. Copy your text before you leave this page."),
    "draftRestored": gettext_noop("Draft restored"),
    "previewFailed": gettext_noop("The preview can't be shown just now. Your text is still here."),
    "placeholderEmpty": gettext_noop("Placeholder %s is empty"),
    "moduleNone": gettext_noop("No text module found"),
    "answerNone": gettext_noop("No answer fits"),
    "answersFound": gettext_noop("Ways to insert an answer: %s"),
    "modulesFound": gettext_noop("Text modules found: %s"),
    "sendFailed": gettext_noop("Not sent. Your text is kept. Try again."),
    "sendOffline": gettext_noop("Not sent: no connection. Your text is kept on this device."),
    "sendGone": gettext_noop("Not sent: you may no longer answer this request. Your text is kept."),
    "filesUnderWay": gettext_noop("Wait a moment: a file is still being uploaded."),
    "fileAdded": gettext_noop("“%s” added"),
    "fileFailed": gettext_noop("“%s” was not uploaded. Try again."),
    "fileTooMany": gettext_noop("“%s” is one too many. You can add up to 10 files."),
    "fileTooLarge": gettext_noop("“%s” is too large. Each file may have up to 25 MB."),
    "fileEmpty": gettext_noop("“%s” is empty. Choose another file."),
    "fileDenied": gettext_noop("“%s” is not taken: files of this kind may be harmful."),
    "personNone": gettext_noop("Nobody of this name reads this request"),
    "peopleFound": gettext_noop("People and teams found: %s"),
    "saved": gettext_noop("Saved"),
    "download": gettext_noop("Download"),
    "pictureBefore": gettext_noop("Previous picture"),
    "pictureAfter": gettext_noop("Next picture"),
    "pictureBroken": gettext_noop("This picture can't be shown. You can download it."),
    "copied": gettext_noop("Copied."),
    "notCopied": gettext_noop(
        "This browser lets no page copy here. Select it yourself, then press Ctrl+C: %s"
    ),
    "pickType": gettext_noop("Type to narrow"),
    "pickNone": gettext_noop("Nothing fits."),
}


def script_words(*, writing: bool = False) -> dict[str, str]:
    """Return the words of all pages' scripts, or of those for ``writing``, in one's language."""
    words = WRITING_WORDS if writing else SCRIPT_WORDS
    return {key: gettext(word) for key, word in words.items()}
