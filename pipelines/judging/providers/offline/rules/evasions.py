"""The usual phrases, English and Spanish, with which an output does not answer. They are matched in folded text."""

import re

REFUSAL = re.compile(
    r"\b(?:i(?:'m| am) (?:sorry,? but i )?(?:not able|unable) to (?:help|assist|answer|provide|do|share)"
    r"|i (?:can't|cannot|can not|won't) (?:help|assist|answer|provide|do that|share|discuss|comply)"
    r"|as an ai(?: language)? model"
    r"|i (?:do not|don't) have (?:access|information|an answer|enough information)"
    r"|no puedo (?:ayudar|responder|proporcionar|compartir)"
    r"|no (?:tengo|dispongo de) (?:acceso|informacion|una respuesta))"
)
REFERRAL = re.compile(
    r"\b(?:(?:contact|reach out to|get in touch with|write to|ask|check with|refer to)"
    r" (?:our |the |your |customer |technical |product )*"
    r"(?:support|team|help desk|helpdesk|help center|documentation|docs)"
    r"|(?:someone|a colleague|an agent|our team) (?:will|is going to) (?:get back|follow up|be in touch)"
    r"|(?:we|i) will (?:look into (?:it|this)|get back to you)"
    r"|(?:contacte|contacta|comuniquese|pongase en contacto) con (?:el |la |nuestro |nuestra )*"
    r"(?:soporte|equipo|asistencia)"
    r"|(?:le|te) responderemos)"
)
