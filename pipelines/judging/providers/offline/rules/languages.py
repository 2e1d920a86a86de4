"""Which language a passage is in: by its letters, and in Latin letters by function words of seven languages.

It knows no grammar and no other word. A passage of few function words, or of another language, is not told: None; one
in a language that is near to one of the seven (Catalan, Danish) may be taken for that. Languages that share letters
other than Latin ones (Russian and Ukrainian, Arabic and Persian) are one to it.
"""

import re
from collections import Counter

from pipelines.judging.providers.offline.rules import reading

# Folded. A word that several languages have counts for each of them, in parts.
_FUNCTION_WORDS = {
    "English": reading.ENGLISH_FUNCTION_WORDS,
    "Spanish": reading.SPANISH_FUNCTION_WORDS | set("veces nunca siempre ahora hoy ayer sigue sino".split()),
    "French": set(
        """a afin ai alors apres au aucun aussi autre aux avant avec avez avoir avons bien bonjour c'est car ce cela
        ces cet cette chez comme comment dans de depuis des donc du elle elles en encore est et ete etes etre eux faire
        fait faut il ils j'ai je jour la le les leur leurs lors lui ma mais me merci mes moi mois moins mon ne non nos
        notre nous on ont ou par pas peut peux pour pourquoi pouvez quand que quel quelle qui sa sans se sera ses si
        son sont sous suis sur ta te tes toi ton tous tout toute tres tu un une vers vos votre vous voudrais
        y""".split()
    ),
    "German": set(
        """aber alle als also am an auch auf aus bei beim bin bis bitte da damit dann danke das dass dein dem den denn
        der des dich die dies diese diesem diesen dieser dieses dir doch du durch ein eine einem einen einer eines er
        es etwas fur gibt guten habe haben hallo hat hatte hier ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ist
        ja jetzt kann kein keine keinen konnen leider man mehr mein meine meinem meinen meiner mich mir mit mochte muss
        nach nicht noch nun nur ob oder ohne schon sehr sein seit sich sie sind so uber um und uns unser unsere unter
        vom von vor war warum was wann wenn wer werden wie wieder wir wird wo wurde zu zum zur""".split()
    ),
    "Portuguese": set(
        """a ainda ao aos aqui as ate bom com como da dar das de dela dele depois desde do dos e ela ele eles em entre
        era essa esse esta estao estar este estou eu foi foram ha isso isto ja la lhe mais mas me mesmo meu meus minha
        minhas muito na nao nas nem no nos nossa nosso num numa o obrigada obrigado ola onde os ou para pela pelo pode
        por porque posso qual quando que quem quero sao se sem ser seu seus sim so sobre sua suas tambem te tem tenho
        ter tudo um uma voce voces""".split()
    ),
    "Italian": set(
        """a abbiamo ad agli ai al alla alle anche ancora avete aveva buongiorno c'e che chi ci ciao come con cosa cui
        da dai dal dalla dei del della delle di dopo dove e era essere fa fare fino fra gia gli grazie ha hai hanno ho
        i il in io la le lei lo loro ma mi mia mie miei mio molto ne nel nella nessun noi non nostra nostro o ogni ora
        per perche piu poi posso prima puo qual quando quella quello questa questo qui sarebbe se senza si sia sono sta
        stato su sua sue sul sulla suo te ti tra tu tutto un una uno vi voglio vorrei vostro""".split()
    ),
    "Dutch": set(
        """aan al alle als alleen bedankt ben bij binnen daar dan dat de deze die dit doen door een en er geen graag
        haar had hallo heb hebben heeft hem het hier hij hoe iets ik in is ja je jouw kan kon kunnen kunt maar me meer
        met mij mijn moet na naar niet nieuwe niets nog nu of om omdat onder ons onze ook op over per sinds te tot u
        uit uw van vandaag veel via voor waar waarom wanneer want was wat we wel welke werd wie wij wil wilt worden
        wordt zal ze zich zijn zo zonder""".split()
    ),
}
_HAVE = Counter(word for words in _FUNCTION_WORDS.values() for word in words)

_SPELLINGS = {  # what one of the seven alone writes; others write some of it too, so a function word must be beside it
    "Spanish": re.compile("[¿¡ñ]"),
    "French": re.compile("[œêèû]|\\b(?:l|d|qu|c|n|j)['’](?=[aeiouhéê])"),
    "German": re.compile("[ßäöü]"),
    "Portuguese": re.compile("[ãõ]"),
}
_OTHER = "another language"
_OTHER_LETTERS = re.compile("[åøæőűığşșțăąęłńśźżćčďěňřšťůžđ]")  # of none of the seven
_SCRIPTS = {
    "Japanese": re.compile("[\u3040-\u30ff]"),
    "Chinese": re.compile("[\u3400-\u9fff]"),
    "Korean": re.compile("[\uac00-\ud7af\u1100-\u11ff]"),
    "the Cyrillic script": re.compile("[\u0400-\u052f]"),
    "the Greek script": re.compile("[\u0370-\u03ff]"),
    "the Hebrew script": re.compile("[\u05d0-\u05ea]"),
    "the Arabic script": re.compile("[\u0620-\u06ff]"),
    "the Devanagari script": re.compile("[\u0900-\u097f]"),
    "the Thai script": re.compile("[\u0e00-\u0e7f]"),
}

_CLEAR, _AHEAD = 1.2, 1.3  # a language is told from so many words on, and so many times those of the next


def language_of(text: str) -> str | None:
    """The language of a text, or the script where that is all that can be told; None where nothing can."""
    text = text[: reading.LIMIT]
    if not text.isascii() and (script := _script_of(text)):
        return script
    signs: Counter[str] = Counter(dict.fromkeys((*_FUNCTION_WORDS, _OTHER), 0))
    for word in reading.words(reading.fold(text)):
        if word in _HAVE:
            signs.update({name: 1 / _HAVE[word] for name, words in _FUNCTION_WORDS.items() if word in words})
    lower = text.lower()
    for name, spelling in _SPELLINGS.items():
        if signs[name]:
            signs[name] += min(2, len(spelling.findall(lower)))
    if _OTHER_LETTERS.search(lower):
        signs[_OTHER] = 2
    (first, most), (_, next_) = signs.most_common(2)
    return first if first != _OTHER and most >= _CLEAR and most >= _AHEAD * next_ else None


def _script_of(text: str) -> str | None:
    """What most of the letters of a text are, when those are not Latin ones. One kana in eight makes Han Japanese."""
    letters = sum(character.isalpha() for character in text)
    counts = {name: len(letter.findall(text)) for name, letter in _SCRIPTS.items()}
    if counts["Japanese"] * 8 >= counts["Chinese"] > 0:
        counts["Japanese"] += counts.pop("Chinese")
    name = max(counts, key=counts.__getitem__)
    return name if counts[name] * 2 > letters > 0 else None
